import type { CheckDefinition } from '../../protocol/check.ts'
import type { Expectation } from '../../protocol/expectation.ts'
import { definitionText } from '../words/definition-text.ts'
import { optionWords, targetWords } from '../words/definition-words.ts'
import { expectationWords } from '../words/matcher-words.ts'
import { Facts } from './facts.tsx'

/** What the check does and expects, in words; the whole definition below it. */
export function DefinitionSection({ definition }: { definition: CheckDefinition }) {
  const { hash, ...rest } = definition
  const requests = definition.kind === 'api' ? definition.requests : []
  const turns = 'dialogue' in definition ? (definition.dialogue ?? []) : []
  return (
    <section aria-label="Definition">
      <h2>
        Definition <span class="quiet">version {hash}</span>
      </h2>
      <div class="card definition">
        <p class="message">{targetWords(definition)}</p>
        {requests.length > 0 && (
          <ol class="definition-steps">
            {requests.map(({ name, method, url, capture }) => (
              <li key={name}>
                <strong>{name}</strong>{' '}
                <span class="message">
                  {method} {url}
                </span>
                {capture && <span class="quiet"> keeps {Object.keys(capture).join(', ')}</span>}
              </li>
            ))}
          </ol>
        )}
        {turns.length > 0 && (
          <ol class="definition-steps">
            {turns.map(({ send, sendHex, expect }, index) => (
              <li key={index} class="message">
                {send !== undefined && `says “${send}”`}
                {sendHex !== undefined && `sends the bytes ${sendHex}`}
                {expect !== undefined && `waits for /${expect}/`}
              </li>
            ))}
          </ol>
        )}
        <Expectations
          title="Must hold, else it failed"
          all={definition.expectations}
          level="must"
        />
        <Expectations
          title="Should hold, else it is degraded"
          all={definition.expectations}
          level="should"
        />
        <Facts facts={optionWords(definition)} />
        <details>
          <summary>All of it, with every default</summary>
          <pre class="message">{definitionText(rest)}</pre>
        </details>
      </div>
    </section>
  )
}

function Expectations(props: {
  title: string
  all: readonly Expectation[]
  level: Expectation['level']
}) {
  const found = props.all.filter(({ level }) => level === props.level)
  if (found.length === 0) return null
  return (
    <div>
      <h3>{props.title}</h3>
      <ul class="definition-expectations">
        {found.map((expectation, index) => (
          <li key={index} class="message">
            {expectation.part !== undefined && <strong>{expectation.part}: </strong>}
            {expectationWords(expectation)}
          </li>
        ))}
      </ul>
    </div>
  )
}
