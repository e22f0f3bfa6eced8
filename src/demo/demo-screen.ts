import { styleText } from 'node:util'
import { COORDINATOR_REGION } from '../protocol/ids.ts'
import type { Now } from '../protocol/public-api.ts'
import { FAULTS, type FaultName } from './faults.ts'
import type { DemoPage } from './page-inbox.ts'

/** What the screen is made from; `now` is undefined while the coordinator is not up. */
export type DemoView = {
  dashboardUrl: string | undefined
  /** Why the dashboard is not where people expect it. */
  dashboardNote: string | undefined
  /** Who may sign in; undefined until it may, and where nobody has to. */
  account: { login: string; password: string } | undefined
  shopUrl: string
  regions: { id: string; note: string | undefined }[]
  now: Now | undefined
  faults: { name: FaultName; regionId: string | undefined }[]
  /** The newest first. */
  pages: readonly DemoPage[]
}

type Style = Parameters<typeof styleText>[0]
export type Paint = (style: Style, text: string) => string

/** Colours, or none where the terminal or its user wants none. */
export function createPaint(stream: NodeJS.WritableStream): Paint {
  return (style, text) => styleText(style, text, { stream })
}

/** The demo's one screen, as lines. Pure: the same view gives the same lines. */
export function demoScreen(view: DemoView, paint: Paint): string[] {
  return [
    '',
    `  ${paint('bold', 'Firewatch')}  demo fleet`,
    '',
    `  Dashboard  ${view.dashboardUrl ? paint('cyan', view.dashboardUrl) : 'starting …'}${view.dashboardNote ? paint('dim', `  ${view.dashboardNote}`) : ''}`,
    ...(view.account
      ? [
          `  Sign in    ${paint('bold', view.account.login)}  password ${paint('bold', view.account.password)}`,
        ]
      : []),
    `  Shop       ${paint('cyan', view.shopUrl)}`,
    '',
    ...view.regions.map((region) => regionLine(region, view, paint)),
    ...jobLines(view, paint),
    '',
    ...incidentLines(view, paint),
    ...pageLines(view, paint),
    ...faultLines(view, paint),
    '',
    paint('dim', '  Ctrl-C stops everything.'),
  ]
}

function regionLine(region: DemoView['regions'][number], view: DemoView, paint: Paint): string {
  const name = region.id.padEnd(10)
  if (region.note) return `  ${name} ${paint('yellow', region.note)}`
  const cells = cellsOf(view, region.id)
  return cells.length === 0 ? `  ${name} starting …` : cellsLine(name, cells, paint)
}

/** Jobs call by themselves; no region looks at them. */
function jobLines(view: DemoView, paint: Paint): string[] {
  const cells = cellsOf(view, COORDINATOR_REGION)
  return cells.length === 0 ? [] : [cellsLine('jobs'.padEnd(10), cells, paint)]
}

type Cell = Now['services'][number]['checks'][number]['regions'][number]

const cellsOf = (view: DemoView, regionId: string): Cell[] =>
  (view.now?.services ?? [])
    .flatMap((service) => service.checks)
    .flatMap((check) => check.regions.filter((cell) => cell.regionId === regionId))

function cellsLine(name: string, cells: Cell[], paint: Paint): string {
  const ends = cells.map((cell) => cell.slots.findLast((slot) => slot.end !== undefined)?.end)
  const count = (...wanted: (string | undefined)[]) =>
    ends.filter((end) => wanted.includes(end)).length
  const passed = count('passed', 'degraded')
  const parts = [`${passed} of ${cells.length} checks pass`]
  const failed = count('failed')
  if (failed > 0) parts.push(paint('red', `${failed} fail`))
  const faults = count('probe_fault')
  if (faults > 0) parts.push(paint('magenta', `${faults} could not be measured`))
  const waiting = count(undefined, 'missed')
  if (waiting > 0) parts.push(paint('dim', `${waiting} awaited`))
  const mark = failed > 0 ? paint('red', '✗') : passed === cells.length ? paint('green', '✓') : '·'
  return `  ${name} ${mark} ${parts.join(', ')}`
}

const PAGES_SHOWN = 3

/** Who was paged last. */
function pageLines({ pages }: DemoView, paint: Paint): string[] {
  return pages.slice(0, PAGES_SHOWN).map(({ personId, at }) => {
    const when = new Date(at).toLocaleTimeString('en-GB')
    return `  ${paint('yellow', 'Paged')}      ${personId}  ${paint('dim', when)}`
  })
}

function incidentLines(view: DemoView, paint: Paint): string[] {
  const incidents = view.now?.incidents ?? []
  if (!view.now) return []
  if (incidents.length === 0) return ['  No incident is open.']
  return incidents.flatMap((incident) => {
    const since = new Date(incident.openedAt).toLocaleTimeString('en-GB')
    return [
      `  ${paint(['bold', 'red'], incident.severity)}  ${incident.title}  ${paint('dim', `${incident.id}, ${incident.state}, since ${since}`)}`,
      `         ${incident.headline}`,
    ]
  })
}

function faultLines(view: DemoView, paint: Paint): string[] {
  if (view.faults.length > 0) {
    const names = view.faults.map((fault) =>
      fault.regionId ? `${fault.name} (${fault.regionId})` : fault.name,
    )
    return [
      '',
      `  Broken on purpose: ${paint('yellow', names.join(', '))}`,
      `  Mend it:           ${paint('bold', 'npx firewatch demo fix')}`,
    ]
  }
  const others = Object.keys(FAULTS).filter((name) => name !== 'orders-down')
  return [
    '',
    `  Break the shop:    ${paint('bold', 'npx firewatch demo break orders-down')}`,
    paint('dim', `  or ${others.join(', ')}`),
  ]
}
