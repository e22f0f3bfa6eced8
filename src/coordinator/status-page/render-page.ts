import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DAYS_SHOWN, type DayState } from '../../domain/status-page/day-bars.ts'
import type {
  PublicComponent,
  PublicIncident,
  PublicPage,
} from '../../domain/status-page/public-page.ts'
import { nextWords } from '../../domain/status-page/statuspage-json.ts'
import type { ComponentStatus, PublicImpact, PublicStatus } from '../../protocol/status-page.ts'

/** The page loads its one style sheet, and nothing else from anywhere. */
export const PUBLIC_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const readStyle = (): Promise<string> =>
  readFile(join(import.meta.dirname, 'status-page.css'), 'utf8')

/** Incidents that ended are told of for so long; the JSON has more. */
const PAST_SHOWN_MS = 14 * 86_400_000

/**
 * The public page as HTML that needs no script.
 *
 * @param base where the style sheet and the JSON are, relative to the page: '' or `status/`.
 */
export function renderPage(page: PublicPage, base: string): string {
  const open = page.incidents.filter(({ status }) => status !== 'resolved')
  const past = page.incidents.filter(
    ({ status, resolvedAt = 0 }) => status === 'resolved' && page.now - resolvedAt <= PAST_SHOWN_MS,
  )
  // An open policy of the response cannot name who may frame it from within.
  const policy = PUBLIC_POLICY.replace("; frame-ancestors 'none'", '')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="${text(policy)}">
<meta name="color-scheme" content="light dark">
<title>${text(`${OVERALL[page.indicator].short} · ${page.title}`)}</title>
<link rel="stylesheet" href="${text(base)}style.css">
</head>
<body>
<header>
<h1>${text(page.title)}</h1>
${page.about === undefined ? '' : `<p class="about">${text(page.about)}</p>`}
</header>
<main>
${overall(page)}
${open.length === 0 ? '' : section('Happening now', 'now', open.map((one) => incidentHtml(one, page)).join('\n'))}
${section('Components', 'components', groups(page))}
${section('The last two weeks', 'past', past.length === 0 ? '<p class="quiet">Nothing was reported.</p>' : past.map((one) => incidentHtml(one, page)).join('\n'))}
</main>
<footer>
<p>As of ${moment(page.now)}.${page.support === undefined ? '' : ` <a href="${text(page.support.url)}">${text(page.support.text)}</a>.`} <a href="${text(base)}api/v2/summary.json">The same as JSON</a>.</p>
</footer>
</body>
</html>
`
}

const OVERALL: { readonly [I in PublicImpact]: { words: string; short: string } } = {
  none: { words: 'Everything works', short: 'Everything works' },
  minor: { words: 'Some things are slower than usual', short: 'Slower than usual' },
  major: { words: 'Some things do not work for some people', short: 'Partly not working' },
  critical: { words: 'Something important does not work', short: 'Not working' },
}

function overall({ indicator, incidents }: PublicPage): string {
  const isTold = incidents.some(({ status }) => status !== 'resolved')
  const words =
    indicator === 'none' && isTold
      ? 'Everything works; we are still watching'
      : OVERALL[indicator].words
  return `<p class="overall overall-${indicator}" role="status">${mark(MARK_OF[indicator])}<strong>${words}</strong></p>`
}

const MARK_OF: { readonly [I in PublicImpact]: ComponentStatus } = {
  none: 'operational',
  minor: 'degraded_performance',
  major: 'partial_outage',
  critical: 'major_outage',
}

const section = (title: string, id: string, content: string) =>
  `<section aria-labelledby="${id}">\n<h2 id="${id}">${title}</h2>\n${content}\n</section>`

/** Components below their groups, in the order of the page; those without a group first. */
function groups({ components }: PublicPage): string {
  const byGroup = Map.groupBy(components, ({ group }) => group ?? '')
  return [...byGroup]
    .toSorted(([a], [b]) => Number(a !== '') - Number(b !== ''))
    .map(([group, members]) => {
      const list = `<ul class="components">\n${members.map(componentHtml).join('\n')}\n</ul>`
      return group === '' ? list : `<h3>${text(group)}</h3>\n${list}`
    })
    .join('\n')
    .concat(`\n${LEGEND}`)
}

const STATUS_WORDS: { readonly [S in ComponentStatus]: string } = {
  operational: 'Works',
  degraded_performance: 'Slower than usual',
  partial_outage: 'Not working for some',
  major_outage: 'Not working',
}

function componentHtml({ name, description, status, days }: PublicComponent): string {
  return `<li>
<p class="component"><span class="name">${text(name)}</span><span class="status status-${status}">${mark(status)}${STATUS_WORDS[status]}</span></p>
${description === undefined ? '' : `<p class="quiet">${text(description)}</p>`}
${bars(days, name)}
<p class="span quiet" aria-hidden="true"><span>${DAYS_SHOWN} days ago</span><span>today</span></p>
</li>`
}

/** Each state has a colour and a height of its own, so that it is told without colours too. */
const BAR: { readonly [S in DayState]: { height: number; words: string } } = {
  operational: { height: 16, words: 'worked' },
  degraded_performance: { height: 20, words: 'slower than usual' },
  partial_outage: { height: 25, words: 'not working for some' },
  major_outage: { height: 30, words: 'not working' },
  no_data: { height: 3, words: 'no data' },
}
const BAR_HEIGHT = 30
const BAR_STEP = 6

function bars(days: PublicComponent['days'], name: string): string {
  const cells = days.map(({ at, state }, index) => {
    const { height, words } = BAR[state]
    return `<rect class="day day-${state}" x="${index * BAR_STEP}" y="${BAR_HEIGHT - height}" width="4" height="${height}"><title>${date(at)}: ${words}</title></rect>`
  })
  const label = `${name}, the last ${DAYS_SHOWN} days: ${daysInWords(days)}`
  return `<svg class="days" role="img" aria-label="${text(label)}" viewBox="0 0 ${days.length * BAR_STEP - 2} ${BAR_HEIGHT}" preserveAspectRatio="none">${cells.join('')}</svg>`
}

function daysInWords(days: PublicComponent['days']): string {
  const states = Object.keys(BAR) as DayState[]
  const parts = states.flatMap((state) => {
    const count = days.filter((day) => day.state === state).length
    return count === 0 ? [] : [`${BAR[state].words} on ${count}`]
  })
  return parts.join(', ')
}

const LEGEND = `<p class="legend quiet">${(Object.keys(BAR) as DayState[])
  .map(
    (state) =>
      `<span><svg aria-hidden="true" viewBox="0 0 4 ${BAR_HEIGHT}" width="4" height="${BAR_HEIGHT / 2}" preserveAspectRatio="none"><rect class="day day-${state}" y="${BAR_HEIGHT - BAR[state].height}" width="4" height="${BAR[state].height}"/></svg> ${BAR[state].words}</span>`,
  )
  .join(' ')}</p>`

const PUBLIC_WORDS: { readonly [S in PublicStatus]: string } = {
  investigating: 'Investigating',
  identified: 'Cause found',
  monitoring: 'Watching',
  resolved: 'Resolved',
}

function incidentHtml(incident: PublicIncident, page: PublicPage): string {
  const names = page.components
    .filter(({ id }) => incident.components.includes(id))
    .map(({ name }) => name)
  return `<article id="${text(incident.id)}" class="incident impact-${incident.status === 'resolved' ? 'over' : incident.impact}">
<h3>${text(incident.title)}</h3>
${names.length === 0 ? '' : `<p class="quiet">${text(names.join(' · '))}</p>`}
<ol class="updates">
${incident.updates.toReversed().map(updateHtml).join('\n')}
</ol>
</article>`
}

function updateHtml(update: PublicIncident['updates'][number]): string {
  const next = nextWords(update)
  return `<li>
<p class="update-head"><strong>${PUBLIC_WORDS[update.status]}</strong> <span class="quiet">${moment(update.at)}</span></p>
<p>${text(update.acknowledgement)} ${text(update.impact)}</p>
<p>${text(update.work)}</p>
${next === '' ? '' : `<p class="quiet">${text(next)}</p>`}
</li>`
}

/** A shape for each status, besides its colour and its word. */
const SHAPES: { readonly [S in ComponentStatus]: string } = {
  operational: '<circle cx="8" cy="8" r="7"/><path class="sign" d="M4.5 8.2l2.4 2.4 4.6-5"/>',
  degraded_performance: '<path d="M8 1l7 7-7 7-7-7z"/><path class="sign" d="M4.8 8h6.4"/>',
  partial_outage: '<path d="M8 1l7.5 13.5h-15z"/><path class="sign" d="M8 5.5v4M8 11.3v1.4"/>',
  major_outage:
    '<rect x="1" y="1" width="14" height="14" rx="2"/><path class="sign" d="M5 5l6 6M11 5l-6 6"/>',
}
const mark = (status: ComponentStatus) =>
  `<svg class="mark" aria-hidden="true" viewBox="0 0 16 16" width="16" height="16">${SHAPES[status]}</svg>`

const date = (instant: number) => new Date(instant).toISOString().slice(0, 10)

function moment(instant: number): string {
  const iso = new Date(instant).toISOString()
  return `<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`
}

const SIGNS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Whatever somebody wrote, as text of HTML or of an attribute. */
export const text = (written: string): string =>
  written.replaceAll(/[&<>"']/g, (sign) => SIGNS[sign] ?? sign)
