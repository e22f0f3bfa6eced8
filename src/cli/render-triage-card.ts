import { describeDuration } from '../base/duration.ts'
import { printable } from '../definitions/printable.ts'
import type { ImpactNumber, SimilarIncident, TriageCard } from '../protocol/triage-card.ts'
import type { Paint } from './run-report.ts'
import { tableLines } from './table-lines.ts'
import { LINE_WIDTH, wrapWords } from './wrap-words.ts'

const LABEL_WIDTH = 14
const INDENT = 2

/** The triage card for a terminal: three headings, then who agrees and what was alike before. */
export function renderTriageCard(
  card: TriageCard,
  { now, paint }: { now: number; paint: Paint },
): string[] {
  const sections: [string, string[]][] = [
    ['How bad', howBad(card, now)],
    [
      'What it points to',
      (card.pointsTo ?? []).flatMap(({ question, words }) => row('', `${question} ${words}`)),
    ],
    ['What is affected', affected(card)],
    ['Who is needed', needed(card)],
    ['Who else saw it', corroboration(card)],
    ['What changed', changed(card)],
    ['What users say', reported(card, now)],
    ['Similar before', card.similar.flatMap((one) => similar(one))],
  ]
  return sections
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([title, lines], index) => [
      ...(index === 0 ? [] : ['']),
      paint('bold', title),
      ...lines,
    ])
}

/** A label with words beside it, on as many lines as they need. */
function row(label: string, text: string): string[] {
  const [first = '', ...rest] = wrapWords(printable(text), 0, LINE_WIDTH - INDENT - LABEL_WIDTH)
  const beside = ' '.repeat(INDENT + LABEL_WIDTH)
  return [
    `${' '.repeat(INDENT)}${label.padEnd(LABEL_WIDTH)}${first}`,
    ...rest.map((line) => beside + line),
  ]
}

function howBad({ howBad: card }: TriageCard, now: number): string[] {
  const { severity, sentence, failing, since, firstEvidence, timeInSeverity } = card
  const first = firstEvidence
    ? `, first seen by ${firstEvidence.checkName} in ${firstEvidence.regionId}`
    : ''
  const had = timeInSeverity.map((time) => `${time.severity} ${describeDuration(time.ms)}`)
  return [
    ...row(severity, sentence),
    ...(failing ? row('failing', ratioWords(failing)) : []),
    ...row(
      'since',
      `${new Date(since).toISOString()}, ${describeDuration(Math.max(0, now - since))} ago${first}`,
    ),
    ...(had.length > 1 ? row('severities', had.join(', ')) : []),
  ]
}

/** `62 % (31 of 50 runs in the last 10 min)`; without a run there is no share. */
export function ratioWords({
  failed,
  runs,
  windowMs,
}: {
  failed: number
  runs: number
  windowMs: number
}): string {
  const window = describeDuration(windowMs)
  if (runs === 0) return `no run of the affected checks told anything in the last ${window}`
  return `${Math.floor((failed / runs) * 100)} % (${failed} of ${runs} runs in the last ${window})`
}

function affected({ affected: card }: TriageCard): string[] {
  const { scope, services, checks, more, checksFailing, checksWatching, firstBroken } = card
  const where = { global: 'everywhere', regional: 'in some regions only', unknown: 'unknown' }
  return [
    ...impactRow('users', card.users, (value) => `about ${Number(value.toPrecision(2))}`),
    ...impactRow('share', card.share, (value) => `${Math.floor(value * 1_000) / 10} %`),
    ...(card.revenue ?? []).flatMap(({ name, words }, _, all) =>
      row('revenue', all.length === 1 ? words : `${name}: ${words}`),
    ),
    ...row(
      'where',
      `${where[scope]}: ${card.regions.join(', ') || 'no region told'}${card.segment === undefined ? '' : `, ${card.segment} alone`}`,
    ),
    ...(card.tables ?? []).flatMap(({ segment }) =>
      segment === undefined ? [] : row('', segment),
    ),
    ...(card.tables ?? []).flatMap(tableRows),
    ...row('services', services.map(({ name }) => name).join(', ')),
    ...row('checks', `${checksFailing} of ${checksWatching} that watch fail`),
    ...checks.flatMap(({ checkId, name, isJourney, step, regions, regionsWatching }) =>
      row(
        '',
        [
          `${isJourney ? 'journey' : 'check'} ${name}${name === checkId ? '' : ` (${checkId})`}`,
          ...(step === undefined ? [] : [`step "${step}"`]),
          `${regions.length} of ${Math.max(regions.length, regionsWatching)} regions`,
        ].join(', '),
      ),
    ),
    ...(more > 0 ? row('', `and ${more} more`) : []),
    ...(firstBroken
      ? row(
          'first broken',
          `${firstBroken.layer}: ${firstBroken.message} (${firstBroken.checkName} in ${firstBroken.regionId})`,
        )
      : []),
  ]
}

/** A number for each zone, the worst first. */
function tableRows({
  name,
  at,
  table,
}: NonNullable<TriageCard['affected']['tables']>[number]): string[] {
  return [
    ...row(`by ${table.by}`, `${name} (${new Date(at).toISOString()})`),
    ...tableLines(table).flatMap((line) => row('', line)),
  ]
}

/** An estimate with what it counts and where it is from; nothing where no query says. */
function impactRow(
  label: string,
  number: ImpactNumber | undefined,
  words: (value: number) => string,
): string[] {
  if (!number) return []
  const { means, source, asked } = number
  const from = `${means}, ${source}`
  if (!asked) return row(label, `not asked yet (${from})`)
  const { answer } = asked
  if (answer.kind !== 'number') return row(label, `not known: ${answer.reason} (${from})`)
  return row(
    label,
    `${answer.atLeast === true ? 'at least ' : ''}${words(answer.value)} (${from}, ${new Date(asked.at).toISOString()})`,
  )
}

function needed({ needed: { owners, acknowledged, links = [] } }: TriageCard): string[] {
  return [
    ...links.flatMap(({ name, url }) => row('look at', `${name}: ${url}`)),
    ...owners.flatMap(({ name, owner }) => row('owner', `${owner} (${name})`)),
    ...(owners.length === 0 ? row('owner', 'none is named in config/services.yaml') : []),
    ...(acknowledged
      ? row(
          'has it',
          `${acknowledged.by}${acknowledged.isCurrent ? '' : ', as it was before it became wider or worse'}`,
        )
      : row('has it', 'nobody yet')),
  ]
}

function corroboration({ corroboration: { seen, notSeen } }: TriageCard): string[] {
  return [
    ...(seen.length > 0
      ? row('saw it', seen.map(({ layer, findings }) => `${layer} (${findings})`).join(', '))
      : []),
    ...(notSeen.length > 0 ? row('did not', notSeen.join(', ')) : []),
  ]
}

function changed({ changes, howBad: { since } }: TriageCard): string[] {
  if (!changes) return []
  if (changes.list.length === 0) return row('nothing', 'was told of the hour before')
  return [
    ...changes.list.flatMap(({ at, kind, summary, version, serviceName, by, isOfNeeded }) =>
      row(
        changedWhen(since - at),
        [
          `${kind}: ${summary}${version === undefined ? '' : ` (${version})`}`,
          isOfNeeded ? `${serviceName}, which is needed` : serviceName,
          ...(by === undefined ? [] : [`by ${by}`]),
        ].join(', '),
      ),
    ),
    ...(changes.more > 0 ? row('', `and ${changes.more} more`) : []),
  ]
}

function reported({ reports }: TriageCard, now: number): string[] {
  if (!reports) return []
  return [
    ...row('reports', `${reports.count} since it began`),
    ...reports.latest.flatMap(({ at, text, by }) =>
      row(
        `${Math.max(0, Math.round((now - at) / 60_000))} min ago`,
        by === undefined ? text : `${text} (${by})`,
      ),
    ),
  ]
}

/** In whole minutes: it stands in a narrow column. */
function changedWhen(beforeMs: number): string {
  const minutes = Math.round(Math.abs(beforeMs) / 60_000)
  return minutes === 0 ? 'at its start' : `${minutes} min ${beforeMs > 0 ? 'before' : 'after'}`
}

function similar({ incidentId, title, alike, impactMs, fixedBy }: SimilarIncident): string[] {
  const took = impactMs === undefined ? '' : `, took ${describeDuration(impactMs)}`
  return [
    ...row(incidentId, `${title} (same ${alike.join(', ')}${took})`),
    ...fixedBy.flatMap(({ from, by, text }) => row('', `${from}: ${text} (${by})`)),
  ]
}
