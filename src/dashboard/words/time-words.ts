/**
 * Times for people. The zone is an argument so that tests can name it; without one it is the
 * viewer's.
 */
const LOCALE = 'en-GB'

/** How old something is, coarser than a duration: `3 s`, `12 min`, `2 h 5 min`, `3 d`. */
export function ageWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return `${Math.floor(hours / 24)} d`
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

/** What is left of something that ends: minutes and seconds, `0 s` when it is over. */
export function countdownWords(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  const minutes = Math.floor(seconds / 60)
  if (minutes === 0) return `${seconds} s`
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : ageWords(ms)
}

/** `14:46:10` */
export function clockTime(instant: number, timeZone?: string): string {
  return format(instant, 'time', timeZone)
}

/** For the axis of a chart: `14:46`, or the day where one begins or the steps are days: `13 Mar`. */
export function axisTime(instant: number, stepMs: number, timeZone?: string): string {
  const time = format(instant, 'minute', timeZone)
  return stepMs >= 86_400_000 || time === '00:00' ? format(instant, 'day', timeZone) : time
}

/** The time alone when it was on the same day as `now`, else with its date: `13 Mar, 14:46:10`. */
export function momentWords(instant: number, now: number, timeZone?: string): string {
  const isSameDay = format(instant, 'date', timeZone) === format(now, 'date', timeZone)
  const time = clockTime(instant, timeZone)
  return isSameDay ? time : `${format(instant, 'day', timeZone)}, ${time}`
}

/** With the day, for what may lie days away: `13 Mar, 14:46`. */
export const dateTime = (instant: number, timeZone?: string): string =>
  `${format(instant, 'day', timeZone)}, ${format(instant, 'minute', timeZone)}`

/** Everything, with the zone: `Fri 13 Mar 2026, 14:46:10 UTC`. */
export function fullTime(instant: number, timeZone?: string): string {
  return `${format(instant, 'date', timeZone)}, ${format(instant, 'zoned', timeZone)}`
}

/** The zone that times are told in: `Europe/Berlin (GMT+1)`. */
export function zoneWords(now: number, timeZone?: string): string {
  const name = new Intl.DateTimeFormat(LOCALE, zoned({}, timeZone)).resolvedOptions().timeZone
  const parts = formatter('offset', timeZone).formatToParts(new Date(now))
  const offset = parts.find((part) => part.type === 'timeZoneName')?.value
  return offset === undefined || offset === name ? name : `${name} (${offset})`
}

const FORMS = {
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  minute: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  zoned: {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  },
  day: { day: 'numeric', month: 'short' },
  date: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  offset: { hour: 'numeric', timeZoneName: 'shortOffset' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>
type Form = keyof typeof FORMS

/** Making a formatter costs a hundred times more than using it. */
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(form: Form, timeZone: string | undefined): Intl.DateTimeFormat {
  const key = `${form} ${timeZone ?? ''}`
  const known = formatters.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat(LOCALE, zoned(FORMS[form], timeZone))
  formatters.set(key, made)
  return made
}

const format = (instant: number, form: Form, timeZone: string | undefined) =>
  formatter(form, timeZone)
    .format(new Date(instant))
    .replace(/^(\w{3}), /, '$1 ')

const zoned = (options: Intl.DateTimeFormatOptions, timeZone: string | undefined) =>
  timeZone === undefined ? options : { ...options, timeZone }
