import markdownIt, { type Token } from 'markdown-it'
import {
  CALLS_MAX,
  COMMAND_LENGTH_MAX,
  RUNBOOK_HEADINGS,
  RUNBOOK_TEXT_MAX,
  type Runbook,
  RunbookBinding,
  type RunbookCall,
  RunbookId,
  type RunbookStep,
  STEPS_MAX,
} from '../../protocol/runbook.ts'
import { joinOr, quote } from '../printable.ts'
import { type Complaint, type Problem, problemOfFile } from '../problem.ts'
import { checkShape } from '../yaml/check-shape.ts'
import { parseYaml } from '../yaml/parse-yaml.ts'
import type { YamlFile } from '../yaml/yaml-file.ts'
import { countCommands } from './count-commands.ts'
import { destruction } from './destructive-command.ts'
import { inlineText } from './inline-text.ts'
import { CALL_FORM, readCall } from './read-call.ts'

export type ParsedRunbook = {
  /** Only when there is no problem. */
  runbook?: Runbook
  /** The front part, where it can be read: for what can be said of its names. */
  yaml?: YamlFile
  /** Whom it names to be paged, with the line of each, from 0. */
  calls?: { line: number; call: RunbookCall }[]
  problems: Problem[]
}

type Heading = (typeof RUNBOOK_HEADINGS)[number]

/** Without HTML: what is written is shown as text, wherever it is shown. */
const markdown = markdownIt({ html: false, linkify: false })

/**
 * Reads one runbook: a front part that says which alerts it is for, a title, and the five headings.
 *
 * @param file relative to the folder of the definitions; its name is the runbook's id.
 */
export function parseRunbook(file: string, text: string): ParsedRunbook {
  const lines = text.split(/\r?\n/)
  const problems: Problem[] = []
  const complain: Complain = (line, complaint) =>
    problems.push({
      ...problemOfFile(file, complaint),
      line: line + 1,
      sourceLine: lines[line]?.trimEnd() ?? '',
    })
  const id = file.slice(file.lastIndexOf('/') + 1, -'.md'.length)
  const named = RunbookId.safeParse(id)
  if (!named.success)
    complain(0, {
      message: `${quote(id)} cannot be the name of a runbook`,
      expected: named.error.issues[0]?.message ?? 'another name',
    })

  const front = readFront(file, text, lines)
  problems.push(...front.problems)
  const tokens = markdown.parse(
    // The lines stay where they are, so that problems name the right ones.
    lines.map((line, index) => (index <= front.lastLine ? '' : line)).join('\n'),
    {},
  )
  const parts = splitParts(tokens, complain, lines.length)
  if (parts === undefined || front.binding === undefined || problems.length > 0)
    return {
      ...(front.yaml && { yaml: front.yaml }),
      problems: withSteps(parts, complain, problems),
    }
  const calls = readCalls(parts.sections.Escalation ?? [], complain)
  const words = (heading: Heading) => blockText(parts.sections[heading] ?? [], complain)
  const runbook: Runbook = {
    id,
    title: parts.title,
    binding: front.binding,
    alert: words('Alert'),
    severity: words('Severity'),
    prerequisites: itemsOf(parts.sections.Prerequisites ?? [], complain),
    steps: readSteps(parts, complain),
    escalation: blockText(
      (parts.sections.Escalation ?? []).filter((token) => !isCall(token)),
      complain,
    ),
    ...(calls.length > 0 && { calls: calls.map(({ call }) => call) }),
  }
  return {
    ...(problems.length === 0 && { runbook }),
    ...(front.yaml && { yaml: front.yaml }),
    calls,
    problems,
  }
}

type Complain = (line: number, complaint: Complaint) => void
type Parts = {
  title: string
  sections: Partial<Record<Heading, Token[]>>
  lineOf: Partial<Record<Heading, number>>
}

/** Problems of the steps are told with the others, also where the rest is not complete. */
function withSteps(parts: Parts | undefined, complain: Complain, problems: Problem[]): Problem[] {
  if (parts?.sections.Steps) readSteps(parts, complain)
  return problems
}

function readFront(file: string, text: string, lines: readonly string[]) {
  const end = lines[0] === '---' ? lines.indexOf('---', 1) : -1
  if (end === -1)
    return {
      lastLine: -1,
      binding: undefined,
      problems: [
        problemOfFile(file, {
          message: 'nothing says which alerts this runbook is for',
          expected: 'a first part between two lines of ---, such as "checks: [orders-api]"',
        }),
      ],
    }
  // Everything else becomes blank, so that places in the front part are places in the file.
  const start = text.indexOf('\n') + 1
  const stop = text.indexOf('\n---', start)
  const only = `${text.slice(0, start).replace(/[^\r\n]/g, ' ')}${text.slice(start, stop + 1)}`
  const { yaml, problems } = parseYaml(file, only, {})
  if (!yaml) return { lastLine: end, binding: undefined, problems }
  const shaped = checkShape({ ...yaml, text }, RunbookBinding)
  return {
    lastLine: end,
    yaml: { ...yaml, text },
    binding: shaped.value,
    problems: [...problems, ...shaped.problems],
  }
}

/** The title, and what stands below each heading. */
function splitParts(
  tokens: readonly Token[],
  complain: Complain,
  lineCount: number,
): Parts | undefined {
  const parts: Parts = { title: '', sections: {}, lineOf: {} }
  let current: Token[] | undefined
  let isComplete = true
  // A misspelled heading is not missing as well.
  let misspelled = 0
  const refuse = (line: number, complaint: Complaint) => {
    isComplete = false
    complain(line, complaint)
  }
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token
    if (token.type !== 'heading_open' || token.level > 0) {
      if (current) current.push(token)
      else if (token.type === 'inline')
        refuse(lineOf(token), {
          message: 'text before the first heading belongs to none',
          expected: '"## Alert"',
        })
      continue
    }
    const words = inlineText(tokens[at + 1] as Token)
    const line = lineOf(token)
    at += 2
    if (token.tag === 'h1') {
      if (parts.title !== '' || current)
        refuse(line, { message: 'a runbook has one title, at its beginning' })
      parts.title = words
      continue
    }
    const heading = token.tag === 'h2' ? RUNBOOK_HEADINGS.find((one) => one === words) : undefined
    if (heading === undefined) {
      refuse(line, {
        message: `the heading ${quote(words)} is none of a runbook's`,
        expected: joinOr(RUNBOOK_HEADINGS.map((one) => quote(`## ${one}`))),
      })
      current = []
      misspelled++
      continue
    }
    if (parts.sections[heading]) refuse(line, { message: `${quote(heading)} stands here twice` })
    const before = RUNBOOK_HEADINGS.slice(RUNBOOK_HEADINGS.indexOf(heading) + 1)
    if (before.some((later) => parts.sections[later]))
      refuse(line, {
        message: `${quote(heading)} stands too late`,
        expected: `the order ${RUNBOOK_HEADINGS.join(', ')}`,
      })
    current = []
    parts.sections[heading] = current
    parts.lineOf[heading] = line
  }
  if (parts.title === '')
    refuse(0, { message: 'the runbook has no title', expected: '"# " and its name' })
  for (const heading of RUNBOOK_HEADINGS) {
    const section = parts.sections[heading]
    if (section === undefined && misspelled-- > 0) continue
    if (section === undefined)
      refuse(lineCount - 1, {
        message: `the heading ${quote(heading)} is missing`,
        expected: `"## ${heading}"`,
      })
    else if (section.length === 0)
      refuse(parts.lineOf[heading] ?? 0, { message: `nothing stands below ${quote(heading)}` })
  }
  return isComplete || parts.sections.Steps ? parts : undefined
}

const lineOf = (token: Token): number => token.map?.[0] ?? 0

/** Paragraphs and lists as text, a blank line between them. */
function blockText(tokens: readonly Token[], complain: Complain): string {
  const blocks: string[] = []
  for (const token of tokens) {
    if (token.type === 'fence' || token.type === 'code_block')
      complain(lineOf(token), { message: 'commands stand in the steps' })
    if (token.type !== 'inline') continue
    const words = inlineText(token)
    blocks.push(token.level > 1 ? `- ${words}` : words)
  }
  return bounded(blocks.join('\n\n').replaceAll(/\n\n(?=- )/g, '\n'), tokens[0], complain)
}

function bounded(text: string, token: Token | undefined, complain: Complain): string {
  if (text.length > RUNBOOK_TEXT_MAX)
    complain(token ? lineOf(token) : 0, {
      message: `${text.length} characters are more than somebody reads at night`,
      expected: `at most ${RUNBOOK_TEXT_MAX}`,
    })
  return text
}

/** The items of the only list; a paragraph alone is one item. */
function itemsOf(tokens: readonly Token[], complain: Complain): string[] {
  return tokens.flatMap((token) =>
    token.type === 'inline' ? [bounded(inlineText(token), token, complain)] : [],
  )
}

const PAGE = 'Page:'

const isCall = (token: Token): boolean =>
  token.type === 'inline' && inlineText(token).startsWith(PAGE)

/** Those whom “Escalation” names to be paged, a line each. */
function readCalls(
  tokens: readonly Token[],
  complain: Complain,
): NonNullable<ParsedRunbook['calls']> {
  const calls = tokens.filter(isCall).flatMap((token) => {
    const call = readCall(inlineText(token).slice(PAGE.length))
    if (call) return [{ line: lineOf(token), call }]
    complain(lineOf(token), { message: 'nobody knows who that is', expected: CALL_FORM })
    return []
  })
  const over = calls[CALLS_MAX]
  if (over)
    complain(over.line, {
      message: `${calls.length} to be paged are more than somebody chooses from at night`,
      expected: `at most ${CALLS_MAX}`,
    })
  return calls
}

function readSteps({ sections, lineOf: lines }: Parts, complain: Complain): RunbookStep[] {
  const tokens = sections.Steps ?? []
  const steps: RunbookStep[] = []
  const outside = tokens.find(({ level, type }) => level === 0 && !type.startsWith('ordered_list'))
  if (outside)
    complain(lineOf(outside), {
      message: 'what stands below "Steps" is no step',
      expected: 'one numbered list',
    })
  let item: Token[] | undefined
  for (const token of tokens) {
    if (token.type === 'list_item_open' && token.level === 1) item = []
    else if (token.type === 'list_item_close' && token.level === 1 && item) {
      const step = readStep(item, complain)
      if (step) steps.push(step)
      item = undefined
    } else item?.push(token)
  }
  if (steps.length === 0 && !outside)
    complain(lines.Steps ?? 0, { message: 'there is no step', expected: 'one numbered list' })
  if (steps.length > STEPS_MAX)
    complain(lines.Steps ?? 0, {
      message: `${steps.length} steps are more than somebody follows at night`,
      expected: `at most ${STEPS_MAX}; make two runbooks of it`,
    })
  return steps
}

function readStep(tokens: readonly Token[], complain: Complain): RunbookStep | undefined {
  const first = tokens.find(({ type }) => type === 'inline')
  if (!first) {
    complain(tokens[0] ? lineOf(tokens[0]) : 0, {
      message: 'the step does not say what is done',
      expected: 'a sentence before its command',
    })
    return undefined
  }
  const step: RunbookStep = { what: bounded(inlineText(first), first, complain) }
  const details: string[] = []
  let commandAt: Token | undefined
  for (const token of tokens) {
    if (token === first) continue
    if (token.type === 'code_block')
      complain(lineOf(token), { message: 'a command stands between two lines of ```' })
    if (token.type === 'fence') {
      if (commandAt)
        complain(lineOf(token), {
          message: 'the step has a second command',
          expected: 'one command a step; make another step of it',
        })
      else {
        commandAt = token
        step.command = token.content.trimEnd()
      }
    }
    if (token.type !== 'inline') continue
    const words = bounded(inlineText(token), token, complain)
    const [, label, said = ''] = /^(Expected|Only if):\s*(.*)$/s.exec(words) ?? []
    if (label === 'Expected') step.expected = said
    else if (label === 'Only if') step.onlyIf = said
    else details.push(token.level > 3 ? `- ${words}` : words)
  }
  if (details.length > 0) step.details = details.join('\n')
  if (commandAt && step.command !== undefined) checkCommand(step, step.command, commandAt, complain)
  return step
}

function checkCommand(step: RunbookStep, command: string, token: Token, complain: Complain): void {
  const line = lineOf(token)
  const count = countCommands(command)
  if (count !== 1)
    complain(line, {
      message: count === 0 ? 'the block holds no command' : `the block holds ${count} commands`,
      expected: 'one command a step',
    })
  if (command.length > COMMAND_LENGTH_MAX)
    complain(line, {
      message: `${command.length} characters are too long for a command that is copied`,
      expected: `at most ${COMMAND_LENGTH_MAX}`,
    })
  if (step.expected === undefined || step.expected === '')
    complain(line, {
      message: 'nothing says what the command should print',
      expected: 'a paragraph of the step that begins with "Expected:"',
    })
  const harm = destruction(command)
  if (harm !== undefined && (step.onlyIf === undefined || step.onlyIf === ''))
    complain(line, {
      message: `the command ${harm}, and nothing says when that is right`,
      expected: 'a paragraph of the step that begins with "Only if:"',
    })
}
