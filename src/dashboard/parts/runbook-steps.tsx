import type { ComponentChildren } from 'preact'
import type { DoneStep } from '../../protocol/leading.ts'
import type { Runbook } from '../../protocol/runbook.ts'
import { CopyButton } from './copy-button.tsx'
import { Moment } from './moment.tsx'
import { RunbookText } from './runbook-text.tsx'

/** The steps of a runbook, each with its command; `tick` is what stands before a step. */
export function RunbookSteps(props: {
  steps: Runbook['steps']
  /** Steps that were done, with who did them. */
  done?: readonly DoneStep[]
  tick?(step: number): ComponentChildren
}) {
  const { steps, done = [], tick } = props
  return (
    <ol class="runbook-steps">
      {steps.map(({ what, details, command, expected, onlyIf }, index) => (
        <li key={what}>
          <p class="step-what">
            {tick?.(index + 1)}
            <span>
              <span class="step-number">{index + 1}.</span> <RunbookText text={what} />
            </span>
          </p>
          {done
            .filter(({ step }) => step === index + 1)
            .map(({ by, at, result }) => (
              <p key={at}>
                <strong class="ticked">Done</strong>{' '}
                <span class="quiet">
                  by {by}, <Moment at={at} />
                  {result !== undefined && `: ${result}`}
                </span>
              </p>
            ))}
          {details !== undefined && (
            <p class="quiet">
              <RunbookText text={details} />
            </p>
          )}
          {onlyIf !== undefined && (
            <p class="only-if">
              <strong>Only if:</strong> <RunbookText text={onlyIf} />
            </p>
          )}
          {command !== undefined && (
            <div class="command">
              <pre>
                <code>{command}</code>
              </pre>
              <CopyButton text={command} what={`the command of step ${index + 1}`} />
            </div>
          )}
          {expected !== undefined && (
            <p class="quiet">
              Expected: <RunbookText text={expected} />
            </p>
          )}
        </li>
      ))}
    </ol>
  )
}
