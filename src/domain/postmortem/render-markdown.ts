import type { ActionItem, Figure, Postmortem, Why } from '../../protocol/postmortem.ts'
import { fillFigures, utc } from './figures.ts'

/** The review as one Markdown document, with the numbers of the record put in. */
export function renderPostmortem(postmortem: Postmortem): string {
  const { incidentId, title, severity, state, body, figures, timeline, actionItems } = postmortem
  const filled = (text: string) => fillFigures(text, figures).trim()
  const section = (heading: string, text: string) => [
    `## ${heading}`,
    '',
    text === '' ? '*Nothing is written here yet.*' : text,
    '',
  ]
  return [
    `# ${incidentId}: ${line(title)}`,
    '',
    `${severity}, ${state.replace('_', ' ')}, revision ${postmortem.revision} of ${utc(postmortem.updatedAt)}`,
    '',
    ...section('Summary', filled(body.summary)),
    ...section('Impact', filled(body.impact)),
    ...figureTable(figures),
    ...section(
      'Timeline',
      timeline
        .filter(({ isHidden }) => !isHidden)
        .map(
          ({ at, text, by }) =>
            `* **${utc(at)}** ${escaped(line(text))}${by === undefined ? '' : ` (${escaped(by)})`}`,
        )
        .join('\n'),
    ),
    ...section('Root cause analysis', whys(body.why, filled)),
    ...section('Action items', actionTable(actionItems)),
    ...section('What went well', filled(body.wentWell)),
    ...section('What went badly', filled(body.wentBadly)),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

function figureTable(figures: readonly Figure[]): string[] {
  const known = figures.filter(({ value }) => value !== null)
  return [
    '| figure | value | from | how it is known |',
    '|---|---|---|---|',
    ...known.map(
      ({ label, value, from, because, recorded }) =>
        `| ${label} | ${cell(value ?? '')} | ${from} | ${cell(because)}${recorded === undefined ? '' : ` (the record says ${cell(recorded)})`} |`,
    ),
    '',
  ]
}

function whys(why: Postmortem['body']['why'], filled: (text: string) => string): string {
  const answered = answers(why.answers, 0, filled)
  return [`**${filled(line(why.question))}**`, '', ...answered].join('\n').trim()
}

function answers(list: readonly Why[], depth: number, filled: (text: string) => string): string[] {
  return list.flatMap(({ answer, evidence, whys: deeper }) => {
    const indent = '  '.repeat(depth)
    const links = evidence.map(({ label, link }) => `[${escaped(label)}](${link})`).join(', ')
    const words = filled(line(answer))
    return [
      `${indent}* ${depth === 0 ? '' : 'Why? '}${words === '' ? '*not answered yet*' : words}${links === '' ? '' : ` (${links})`}`,
      ...answers(deeper, depth + 1, filled),
    ]
  })
}

function actionTable(items: readonly ActionItem[]): string {
  if (items.length === 0) return ''
  return [
    '| id | what | owner | due | priority | type | ticket | state |',
    '|---|---|---|---|---|---|---|---|',
    ...items.map(
      ({ id, title, owner, dueAt, priority, type, ticket = '', done }) =>
        `| ${id} | ${cell(title)} | ${cell(owner)} | ${new Date(dueAt).toISOString().slice(0, 10)} | ${priority} | ${type} | ${cell(ticket)} | ${done ? 'done' : 'open'} |`,
    ),
  ].join('\n')
}

/** On one line, since a list or a table has no other. */
const line = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
/** What others wrote or a target answered is text here, not markup. */
const escaped = (text: string) => text.replaceAll(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`)
const cell = (text: string) => escaped(line(text))
