import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { fetchJson, type LoadProblem } from '../live/fetch-json.ts'

type Props = {
  address: string
  /** What is sent, as it is when somebody presses. */
  body(): object
  onDone(): void
  children: ComponentChildren
}

/** A button that sends something, and tells beside itself what came of it where that is not done. */
export function SendButton({ address, body, onDone, children }: Props) {
  const [problem, setProblem] = useState<LoadProblem>()
  const stop = useRef(new AbortController())
  useEffect(() => () => stop.current.abort(), [])
  async function send(): Promise<void> {
    const answer = await fetchJson(address, stop.current.signal, body())
    if (stop.current.signal.aborted) return
    if ('problem' in answer) return setProblem(answer.problem)
    onDone()
  }
  return (
    <span class="on-call-end">
      <button type="button" onClick={() => void send()}>
        {children}
      </button>
      {problem && (
        <span role="alert" class="tone-failed">
          {problem.title}. {problem.detail}
        </span>
      )}
    </span>
  )
}
