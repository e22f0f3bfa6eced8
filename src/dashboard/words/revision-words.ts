import type { PostmortemBody, Why } from '../../protocol/postmortem.ts'
import { count } from './quantity.ts'

/** What people wrote, section by section, as plain text that can be compared. */
export function revisionSections(body: PostmortemBody): { title: string; text: string }[] {
  return [
    { title: 'Summary', text: body.summary },
    { title: 'Impact', text: body.impact },
    {
      title: 'Root cause analysis',
      text: [body.why.question, ...whyLines(body.why.answers, 0)].join('\n'),
    },
    { title: 'What went well', text: body.wentWell },
    { title: 'What went badly', text: body.wentBadly },
    { title: 'Figures', text: figureLines(body).join('\n') },
    {
      title: 'Timeline',
      text:
        body.hidden.length === 0
          ? 'Everything is shown.'
          : `${count(body.hidden.length, 'entry', 'entries')} left out.`,
    },
  ]
}

const whyLines = (whys: readonly Why[], depth: number): string[] =>
  whys.flatMap(({ answer, evidence, whys: deeper }) => [
    `${'  '.repeat(depth)}– ${answer}${evidence.map(({ label, link }) => ` (${label}: ${link})`).join('')}`,
    ...whyLines(deeper, depth + 1),
  ])

const figureLines = ({ figures }: PostmortemBody): string[] =>
  Object.entries(figures).flatMap(([name, said]) =>
    said ? [`${name.replaceAll('_', ' ')}: ${said.value} (${said.by}: ${said.reason})`] : [],
  )
