import { useEffect, useRef, useState } from 'preact/hooks'
import { fetchJson, type LoadProblem } from './fetch-json.ts'

/** A pause in typing after which what was typed is saved. */
const PAUSE_MS = 1_500

export type Saving<Body> = {
  body: Body
  /** What happens to the last change. `conflict`: somebody else saved meanwhile; nothing is lost. */
  state: 'saved' | 'waiting' | 'saving' | 'failed' | 'conflict'
  problem: LoadProblem | undefined
  change(body: Body): void
  /** Saves at once; over what somebody else saved, when it says upon which revision. */
  save(revision?: number): void
  /** Goes on with what is stored; only where nothing waits to be saved. */
  adopt(stored: { body: Body; revision: number }): void
}

/**
 * Saves what is typed after a pause. What is not saved yet lies in the browser as well, so that neither
 * a reload nor a coordinator that is away loses a word.
 */
export function useAutosave<Body extends object>(
  address: string,
  loaded: { body: Body; revision: number },
  by: () => string,
): Saving<Body> {
  const kept = useRef(readKept<Body>(address))
  const [body, setBody] = useState(kept.current?.body ?? loaded.body)
  const [state, setState] = useState<Saving<Body>['state']>(kept.current ? 'waiting' : 'saved')
  const [problem, setProblem] = useState<LoadProblem>()
  const now = useRef({ body, revision: kept.current?.revision ?? loaded.revision, isSaving: false })
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  async function save(revision?: number): Promise<void> {
    clearTimeout(timer.current)
    const known = now.current
    if (known.isSaving) return later()
    if (revision !== undefined) known.revision = revision
    known.isSaving = true
    setState('saving')
    const sent = known.body
    const name = by()
    const answer = await fetchJson<{ revision: number }>(address, new AbortController().signal, {
      ...{ revision: known.revision, body: sent },
      ...(name !== '' && { by: name }),
    })
    known.isSaving = false
    if ('problem' in answer) {
      setProblem(answer.problem)
      setState(answer.problem.status === 409 ? 'conflict' : 'failed')
      return
    }
    known.revision = answer.data.revision
    setProblem(undefined)
    // What was typed while it was on its way is still to be saved.
    if (known.body !== sent) return later()
    keep(address, undefined)
    setState('saved')
  }

  function later(): void {
    clearTimeout(timer.current)
    setState('waiting')
    timer.current = setTimeout(() => void save(), PAUSE_MS)
  }

  useEffect(() => {
    if (kept.current) later()
    return () => clearTimeout(timer.current)
  }, [])

  return {
    ...{ body, state, problem },
    change(next) {
      now.current.body = next
      setBody(next)
      keep(address, { body: next, revision: now.current.revision })
      // After a conflict a person decides; until then nothing is sent.
      if (state !== 'conflict') later()
    },
    save: (revision) => void save(revision),
    adopt(stored) {
      now.current.body = stored.body
      now.current.revision = stored.revision
      setBody(stored.body)
      keep(address, undefined)
      setState('saved')
    },
  }
}

type Kept<Body> = { body: Body; revision: number }

function readKept<Body>(address: string): Kept<Body> | undefined {
  try {
    const text = localStorage.getItem(`unsaved ${address}`)
    return text === null ? undefined : (JSON.parse(text) as Kept<Body>)
  } catch {
    return undefined // Storage is switched off, or what lies there is not ours.
  }
}

function keep(address: string, kept: object | undefined): void {
  try {
    if (kept) localStorage.setItem(`unsaved ${address}`, JSON.stringify(kept))
    else localStorage.removeItem(`unsaved ${address}`)
  } catch {
    // As above: what is typed is on the page alone, which says when it is not saved.
  }
}
