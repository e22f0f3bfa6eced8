import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { fetchJson, type LoadProblem } from '../live/fetch-json.ts'

/** Asks for something, sends it, and stays open with the reason when it is refused. */
export function FormDialog<Answer>(props: {
  title: string
  means: string
  /** On the button that sends. */
  action: string
  address: string
  bodyOf(typed: FormData): object
  children?: ComponentChildren
  onDone(answer: Answer): void
  onClose(): void
}) {
  const { title, means, action, address, bodyOf, children, onDone, onClose } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const [problem, setProblem] = useState<LoadProblem>()
  const [isSending, setSending] = useState(false)
  const stop = useRef(new AbortController())
  const id = useId()
  useEffect(() => {
    dialog.current?.showModal()
    return () => stop.current.abort()
  }, [])

  async function submit(form: HTMLFormElement): Promise<void> {
    setSending(true)
    const body = bodyOf(new FormData(form))
    const answer = await fetchJson<Answer>(address, stop.current.signal, body)
    if (stop.current.signal.aborted) return
    setSending(false)
    if ('problem' in answer) return setProblem(answer.problem)
    onDone(answer.data)
  }

  return (
    <dialog ref={dialog} class="command-dialog" aria-labelledby={id} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit(event.currentTarget)
        }}
      >
        <h2 id={id}>{title}</h2>
        <p class="quiet">{means}</p>
        {children}
        {problem && (
          <p role="alert" class="tone-failed">
            {problem.title}. {problem.detail}
          </p>
        )}
        <div class="command-buttons">
          <button type="submit" class="main-button" disabled={isSending}>
            {action}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  )
}
