import type { OnCallAnswer, ShiftsAnswer } from '../live/answers.ts'
import { calendarOf, heldBy, heldHow } from '../words/shift-words.ts'
import { fullTime } from '../words/time-words.ts'

const WEEKS = 8
/** Colours that tell people apart; names are written in every bar. */
const TINTS = 6

/** The next eight weeks of each rotation, a row for each week, and the same as a table. */
export function OnCallCalendar({
  answer,
  shifts: { data, from, timeZoneData },
}: {
  answer: OnCallAnswer
  shifts: ShiftsAnswer
}) {
  return (
    <section class="card on-call-calendar" aria-labelledby="on-call-calendar">
      <h2 id="on-call-calendar">The next eight weeks</h2>
      {answer.rotations.map((rotation) => {
        const shifts = data.filter(({ rotationId }) => rotationId === rotation.id)
        return (
          <div key={rotation.id} class="on-call-rotation">
            <h3>
              {rotation.name} <span class="quiet">hands off by the clock of {rotation.zone}</span>
            </h3>
            <div aria-hidden="true">
              {calendarOf(shifts, { from, weeks: WEEKS }).map((week) => (
                <div key={week.from} class="on-call-week">
                  <span class="quiet">{dayWords(week.from)}</span>
                  <div class="on-call-bars">
                    {week.bars.map(({ shift, start, share }) => (
                      <span
                        key={shift.from}
                        class={`on-call-bar ${tintOf(answer, shift.primary)}`}
                        style={{
                          insetInlineStart: `${start * 100}%`,
                          inlineSize: `${share * 100}%`,
                        }}
                        title={`${heldBy(answer.people, shift.primary)} until ${fullTime(shift.until)}`}
                      >
                        {heldBy(answer.people, shift.primary)}
                      </span>
                    ))}
                  </div>
                </div>
              ))}
            </div>
            <details>
              <summary>All shifts of {rotation.name}</summary>
              <ShiftTable answer={answer} shifts={shifts} />
            </details>
          </div>
        )
      })}
      <p class="quiet">Computed with the time zone data {timeZoneData}.</p>
    </section>
  )
}

type Shift = ShiftsAnswer['data'][number]

/** More rows than anybody reads; the interface has them all. */
const ROWS_MAX = 200

function ShiftTable({ answer, shifts }: { answer: OnCallAnswer; shifts: readonly Shift[] }) {
  const { people } = answer
  return (
    <table class="stacking">
      <thead>
        <tr>
          <th scope="col">from</th>
          <th scope="col">until</th>
          <th scope="col">on call</th>
          <th scope="col">behind them</th>
        </tr>
      </thead>
      <tbody>
        {shifts.slice(0, ROWS_MAX).map(({ from, until, primary, secondary }) => (
          <tr key={from}>
            <th scope="row">{shiftTime(from)}</th>
            <td data-label="until">{shiftTime(until)}</td>
            <td data-label="on call">
              {'nobody' in primary ? (
                <>
                  <strong class="tone-failed">nobody</strong>: {primary.nobody}
                </>
              ) : (
                <>
                  {heldBy(people, primary)}{' '}
                  <span class="quiet">{heldHow(primary) && `(${primary.reason})`}</span>
                </>
              )}
            </td>
            <td data-label="behind them">{secondary ? heldBy(people, secondary) : '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function tintOf({ people }: OnCallAnswer, held: Shift['primary']): string {
  if ('nobody' in held) return 'on-call-nobody'
  const index = people.findIndex(({ id }) => id === held.personId)
  return `on-call-tint-${(index % TINTS) + 1}`
}

/** `Mon 30 Mar, 09:00` */
const shiftTime = (instant: number) =>
  new Intl.DateTimeFormat('en-GB', {
    ...{ weekday: 'short', day: 'numeric', month: 'short' },
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).format(new Date(instant))

const dayWords = (instant: number) =>
  new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(new Date(instant))
