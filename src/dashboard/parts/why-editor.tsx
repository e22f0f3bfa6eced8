import type { Why } from '../../protocol/postmortem.ts'

const DEPTH_MAX = 8

/** The whys as a tree: each answer has its evidence, and may have several answers to the next why. */
export function WhyEditor(props: {
  answers: readonly Why[]
  depth: number
  isClosed: boolean
  onChange(answers: Why[]): void
}) {
  const { answers, depth, isClosed, onChange } = props
  const replace = (index: number, next: Why | undefined) =>
    onChange(answers.flatMap((why, place) => (place === index ? (next ?? []) : why)))
  return (
    <ul class="whys">
      {answers.map((why, index) => (
        // An answer is what stands at its place; it has no other identity.
        <li key={`${depth}.${index}`}>
          <label>
            <span>{depth === 0 ? 'Because' : `Why ${depth}: because`}</span>
            <textarea
              rows={2}
              value={why.answer}
              disabled={isClosed}
              onInput={(event) => replace(index, { ...why, answer: event.currentTarget.value })}
            />
          </label>
          <label>
            <span>
              Evidence <span class="quiet">(one address a line)</span>
            </span>
            <textarea
              rows={Math.max(1, why.evidence.length)}
              value={why.evidence.map(({ link }) => link).join('\n')}
              disabled={isClosed}
              onChange={(event) =>
                replace(index, { ...why, evidence: linksIn(event.currentTarget.value, why) })
              }
            />
          </label>
          {!isClosed && (
            <p class="command-buttons">
              {depth + 1 < DEPTH_MAX && (
                <button
                  type="button"
                  onClick={() => replace(index, { ...why, whys: [...why.whys, NOTHING] })}
                >
                  And why?
                </button>
              )}
              <button type="button" class="plain-button" onClick={() => replace(index, undefined)}>
                Remove<span class="unseen"> the answer {why.answer}</span>
              </button>
            </p>
          )}
          {why.whys.length > 0 && (
            <WhyEditor
              answers={why.whys}
              depth={depth + 1}
              isClosed={isClosed}
              onChange={(whys) => replace(index, { ...why, whys })}
            />
          )}
        </li>
      ))}
      {!isClosed && depth === 0 && (
        <li>
          <button type="button" onClick={() => onChange([...answers, NOTHING])}>
            Another answer
          </button>
        </li>
      )}
    </ul>
  )
}

const NOTHING: Why = { answer: '', evidence: [], whys: [] }

/** An address keeps the name that it has. */
const linksIn = (text: string, { evidence }: Why): Why['evidence'] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(https?:\/\/|\/)\S*$/.test(line))
    .map((link) => evidence.find((known) => known.link === link) ?? { label: link, link })
