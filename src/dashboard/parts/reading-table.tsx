import type { ReadingTable } from '../../protocol/reading-table.ts'
import { tableCountWords, tableNumberWords } from '../../protocol/table-words.ts'
import { UNKNOWN } from '../words/quantity.ts'

/** A number for each zone, or other value of a label, the worst first. */
export function ReadingRows({ caption, table }: { caption: string; table: ReadingTable }) {
  const { by, rows, more, silent } = table
  const hasCounts = rows.some((row) => tableCountWords(row) !== undefined)
  return (
    <>
      <table class="reading-rows">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{by}</th>
            <th scope="col">{table.isShare ? 'share' : 'number'}</th>
            {hasCounts && <th scope="col">of</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.label}>
              <th scope="row">{row.label || '(none)'}</th>
              <td>
                <Standing isBad={row.isBad} /> {tableNumberWords(row.number, table)}
              </td>
              {hasCounts && <td class="quiet">{tableCountWords(row) ?? UNKNOWN}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {(more > 0 || silent > 0) && (
        <p class="quiet">
          {[
            ...(more > 0 ? [`and ${more} more, none of them worse`] : []),
            ...(silent > 0 ? [`${silent} with too little to say anything`] : []),
          ].join('; ')}
        </p>
      )}
    </>
  )
}

function Standing({ isBad }: { isBad: boolean | undefined }) {
  if (isBad === undefined) return null
  return (
    <span class={isBad ? 'tone-failed' : 'tone-passed'}>
      <span aria-hidden="true">{isBad ? '✗' : '✓'}</span>
      <span class="unseen">{isBad ? 'bad: ' : 'well: '}</span>
    </span>
  )
}
