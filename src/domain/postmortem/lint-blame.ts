import type { Advice, PostmortemBody, Why } from '../../protocol/postmortem.ts'

type Section = Advice['section']

/** What blames somebody, whoever it is; each with what to ask instead. */
const BLAME: readonly { pattern: RegExp; advice: string }[] = [
  {
    pattern: /\bhuman error\b/i,
    advice: 'what made it easy to do, and hard to notice? write that condition',
  },
  {
    pattern: /\b(should|could|ought to) (not )?have\b/i,
    advice: 'write what was known then, not what is known now',
  },
  {
    pattern: /\b(forgot|neglected|overlooked|ignored|failed) to\b/i,
    advice: 'what did the work rely on memory for? write that',
  },
  {
    pattern: /\b(careless|negligent|sloppy|incompetent|lazy|stupid|reckless)(ly|ness)?\b/i,
    advice: 'write what happened, without judging who did it',
  },
  {
    pattern:
      /\b(is|was|were) (to blame|at fault|responsible for (the|this) (outage|incident|failure))\b/i,
    advice: 'write what the system allowed, instead of who did it',
  },
  {
    pattern: /\b(fault|mistake) of \w+|\w+['’]s (fault|mistake)\b/i,
    advice: 'write the condition that let it happen, not whose it was',
  },
]

/** What people do wrongly, after their name. */
const FAULTS =
  /^\s+(broke|caused|crashed|deleted|dropped|misconfigured|messed up|botched|missed|forgot|failed|did not|didn['’]t)\b/i

/** A duration typed by hand. */
const TYPED_DURATION = /\b\d+(?:[.,]\d+)?\s?(?:min(?:ute)?s?|hours?|h|seconds?)\b/i

/**
 * Looks for words that blame, and for numbers that the record knows better. It advises; nothing is
 * refused for it.
 *
 * @param people who took part, by the names that the record has.
 */
export function lintBlame(
  body: PostmortemBody,
  { people }: { people: readonly string[] },
): Advice[] {
  const sections: { section: Section; text: string }[] = [
    { section: 'summary', text: body.summary },
    { section: 'impact', text: body.impact },
    { section: 'why', text: [body.why.question, ...textsOf(body.why.answers)].join('\n') },
    { section: 'wentWell', text: body.wentWell },
    { section: 'wentBadly', text: body.wentBadly },
  ]
  return sections.flatMap(({ section, text }) => [
    ...BLAME.flatMap(({ pattern, advice }) => {
      const match = pattern.exec(text)
      return match ? [{ section, words: match[0], advice }] : []
    }),
    ...people.flatMap((name) => namedFault(section, text, name)),
    ...typedNumbers(section, text),
  ])
}

function namedFault(section: Section, text: string, name: string): Advice[] {
  if (name.trim() === '') return []
  for (let from = text.indexOf(name); from >= 0; from = text.indexOf(name, from + 1)) {
    const match = FAULTS.exec(text.slice(from + name.length))
    if (match)
      return [
        {
          section,
          words: `${name}${match[0]}`,
          advice: 'name the role or the step, and write what made it possible',
        },
      ]
  }
  return []
}

function typedNumbers(section: Section, text: string): Advice[] {
  if (section !== 'summary' && section !== 'impact') return []
  // What stands in parentheses is what the probes measured.
  const match = TYPED_DURATION.exec(text.replaceAll(/\([^)]*\)/g, ''))
  if (!match) return []
  return [
    {
      section,
      words: match[0],
      advice:
        'name the figure, such as {{impact_duration}}, so that it cannot differ from the record',
    },
  ]
}

const textsOf = (whys: readonly Why[]): string[] =>
  whys.flatMap(({ answer, whys: deeper }) => [answer, ...textsOf(deeper)])
