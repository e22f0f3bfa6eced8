import type { Runbook } from '../../protocol/runbook.ts'
import { pageAddress } from '../routing/route.ts'
import '../styles/leading.css'
import { RunbookSteps } from './runbook-steps.tsx'
import { RunbookText } from './runbook-text.tsx'

/** A runbook by itself, in the order of its headings. */
export function RunbookContent({ runbook }: { runbook: Runbook }) {
  const { alert, severity, prerequisites, steps, escalation, calls = [] } = runbook
  return (
    <>
      <p>
        <a href={pageAddress.runbooks()}>All runbooks</a>
      </p>
      <Part title="Alert">
        <RunbookText text={alert} />
      </Part>
      <Part title="Severity">
        <RunbookText text={severity} />
      </Part>
      <section class="card" aria-label="Prerequisites">
        <h2>Prerequisites</h2>
        <ul class="prerequisites">
          {prerequisites.map((one) => (
            <li key={one}>
              <RunbookText text={one} />
            </li>
          ))}
        </ul>
      </section>
      <section class="card" aria-label="Steps">
        <h2>Steps</h2>
        <RunbookSteps steps={steps} />
      </section>
      <Part title="Escalation">
        <RunbookText text={escalation} />
      </Part>
      {calls.length > 0 && (
        <section class="card" aria-label="To be paged">
          <h2>To be paged</h2>
          <ul class="prerequisites">
            {calls.map(({ who, when }) => (
              <li key={who}>
                {who}
                {when !== undefined && (
                  <>
                    , <RunbookText text={when} />
                  </>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

const Part = ({ title, children }: { title: string; children: preact.ComponentChildren }) => (
  <section class="card" aria-label={title}>
    <h2>{title}</h2>
    <p>{children}</p>
  </section>
)
