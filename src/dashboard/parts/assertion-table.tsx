import type { Run } from '../../protocol/run.ts'
import { assertionWord, placeOf } from '../words/assertion-words.ts'

/** What was expected, what came, and whether that held: what did not hold first. */
export function AssertionTable({ assertions }: Pick<Run, 'assertions'>) {
  if (assertions.length === 0) return null
  const ordered = assertions.toSorted((a, b) => placeOf(a) - placeOf(b))
  return (
    <section aria-label="Assertions">
      <h2>Expected and found</h2>
      <div class="card">
        <table class="stacking">
          <thead>
            <tr>
              <th scope="col">what</th>
              <th scope="col">expected</th>
              <th scope="col">found</th>
              <th scope="col">held</th>
            </tr>
          </thead>
          <tbody>
            {ordered.map((assertion, index) => {
              const { tone, word } = assertionWord(assertion)
              return (
                <tr key={index}>
                  <th scope="row">
                    {assertion.part !== undefined && <span class="quiet">{assertion.part}: </span>}
                    {assertion.subject}
                  </th>
                  <td data-label="expected">{assertion.expected}</td>
                  <td data-label="found">{assertion.actual}</td>
                  <td class={`tone-${tone}`}>
                    {word}
                    {assertion.excluded !== undefined && (
                      <span class="quiet">: {assertion.excluded}</span>
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}
