import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatProblem } from '../../../../src/definitions/format-problem.ts'
import { countCommands } from '../../../../src/definitions/runbooks/count-commands.ts'
import { destruction } from '../../../../src/definitions/runbooks/destructive-command.ts'
import { parseRunbook } from '../../../../src/definitions/runbooks/parse-runbook.ts'

const FILE = 'config/runbooks/disk-full.md'
const FOLDER = join(import.meta.dirname, '../../../../config/runbooks')

const VALID = `---
checks: [orders-api]
---

# Disk full

## Alert

The disk is almost full,
or **writes** fail.

## Severity

SEV-2, SEV-1 when \`insert\` fails.

## Prerequisites

- a shell
- [the manual](https://example.com/manual)

## Steps

1. See how full it is.

   \`\`\`sh
   df -h /data
   \`\`\`

   Expected: above 90 %.

2. Ask the owner.

   A second paragraph.

   - with a list

3. Remove the old ones.

   \`\`\`sh
   rm -- /data/old
   \`\`\`

   Only if: they are kept elsewhere.

   Expected: nothing.

## Escalation

The database team.
`

const problemsOf = (text: string) => parseRunbook(FILE, text).problems.map(formatProblem)
const change = (from: string, to: string) => {
  expect(VALID).toContain(from)
  return VALID.replace(from, to)
}

test('a runbook is read with its commands, what they should say, and what must be true before', () => {
  expect(parseRunbook(FILE, VALID)).toMatchObject({
    problems: [],
    runbook: {
      id: 'disk-full',
      title: 'Disk full',
      binding: { checks: ['orders-api'] },
      alert: 'The disk is almost full, or writes fail.',
      severity: 'SEV-2, SEV-1 when `insert` fails.',
      prerequisites: ['a shell', 'the manual (https://example.com/manual)'],
      steps: [
        { what: 'See how full it is.', command: 'df -h /data', expected: 'above 90 %.' },
        { what: 'Ask the owner.', details: 'A second paragraph.\n- with a list' },
        {
          what: 'Remove the old ones.',
          command: 'rm -- /data/old',
          onlyIf: 'they are kept elsewhere.',
          expected: 'nothing.',
        },
      ],
      escalation: 'The database team.',
    },
  })
})

test('those whom “Escalation” names to be paged are read apart from its text', () => {
  const lines = [
    '- Page: lead, when `insert` fails, or at SEV-1.',
    '- Page: everyone of team database',
    '- Page: secondary of rotation shop-weekly',
    '- Page: person ada, when all else fails',
  ]
  const { runbook, problems } = parseRunbook(FILE, `${VALID}\n${lines.join('\n')}\n`)
  expect(problems).toEqual([])
  expect(runbook?.escalation).toBe('The database team.')
  expect(runbook?.calls).toEqual([
    {
      duty: { kind: 'owner', role: 'lead' },
      who: 'the lead of the team that owns it',
      when: 'when `insert` fails, or at SEV-1.',
    },
    {
      duty: { kind: 'team', teamId: 'database', role: 'everyone' },
      who: 'everyone of database',
    },
    {
      duty: { kind: 'rotation', rotationId: 'shop-weekly', role: 'secondary' },
      who: 'the secondary of shop-weekly',
    },
    { duty: { kind: 'person', personId: 'ada' }, who: 'ada', when: 'when all else fails' },
  ])
})

test.each(['the DBA', 'lead of rotation shop-weekly', 'boss', 'primary of', ''])(
  'nobody knows who “Page: %s” is',
  (who) => {
    expect(problemsOf(`${VALID}\n- Page: ${who}\n`)).toEqual([
      expect.stringMatching(/:51:1: nobody knows who that is; expected "Page: lead"/),
    ])
  },
)

const step = (text: string) =>
  VALID.replace(/1\. See how[\s\S]*?## Escalation/, `${text}\n\n## Escalation`)

test.each([
  {
    text: change('---\nchecks: [orders-api]\n---\n', ''),
    problem: `${FILE}:1:1: nothing says which alerts this runbook is for; expected a first part between two lines of ---, such as "checks: [orders-api]"`,
  },
  {
    text: change('checks: [orders-api]', 'check: [orders-api]'),
    problem: `${FILE}:2:1: unknown key "check"; did you mean "checks"?`,
  },
  {
    text: change('checks: [orders-api]', 'kinds: [tsl]'),
    problem: `${FILE}:2:9: entry 1 of "kinds" cannot be "tsl"; expected "http", "api", "dns", "tls", "tcp", "icmp", "websocket", "grpc", "smtp", "postgres", "heartbeat" or "journey"; did you mean "tls"?`,
  },
  {
    text: change('## Severity', '## Serverity'),
    problem: `${FILE}:12:1: the heading "Serverity" is none of a runbook's; expected "## Alert", "## Severity", "## Prerequisites", "## Steps" or "## Escalation"`,
  },
  {
    text: change('## Escalation\n\nThe database team.\n', ''),
    problem: `${FILE}:47:1: the heading "Escalation" is missing; expected "## Escalation"`,
  },
  {
    text: change('The database team.\n', ''),
    problem: `${FILE}:47:1: nothing stands below "Escalation"`,
  },
  {
    text: VALID.replace('## Alert', '## X')
      .replace('## Severity', '## Alert')
      .replace('## X', '## Severity'),
    problem: `${FILE}:12:1: "Alert" stands too late; expected the order Alert, Severity, Prerequisites, Steps, Escalation`,
  },
  {
    text: change('# Disk full\n', ''),
    problem: `${FILE}:1:1: the runbook has no title; expected "# " and its name`,
  },
  {
    text: step('1. Look.\n\n   ```sh\n   df -h\n   ```'),
    problem: `${FILE}:25:1: nothing says what the command should print; expected a paragraph of the step that begins with "Expected:"`,
  },
  {
    text: step('1. Look.\n\n   ```sh\n   df -h\n   df -i\n   ```\n\n   Expected: full.'),
    problem: `${FILE}:25:1: the block holds 2 commands; expected one command a step`,
  },
  {
    text: step(
      '1. Look.\n\n   ```sh\n   df -h\n   ```\n\n   Expected: full.\n\n   ```sh\n   df -i\n   ```',
    ),
    problem: `${FILE}:31:1: the step has a second command; expected one command a step; make another step of it`,
  },
  {
    text: change('   Only if: they are kept elsewhere.\n\n', ''),
    problem: `${FILE}:39:1: the command removes files, and nothing says when that is right; expected a paragraph of the step that begins with "Only if:"`,
  },
  {
    text: step(Array.from({ length: 13 }, (_, index) => `${index + 1}. Do it.`).join('\n')),
    problem: `${FILE}:21:1: 13 steps are more than somebody follows at night; expected at most 12; make two runbooks of it`,
  },
  {
    text: step('Just do it.'),
    problem: `${FILE}:23:1: what stands below "Steps" is no step; expected one numbered list`,
  },
])('what is wrong is said with its place: $problem', ({ text, problem }) => {
  expect(problemsOf(text)).toEqual([problem])
})

test('the file name is the id, so it must be one', () => {
  expect(parseRunbook('config/runbooks/Disk Full.md', VALID).problems).toHaveLength(1)
})

test.each(readdirSync(FOLDER).filter((name) => name !== 'README.md'))(
  'the shipped runbook %s keeps its promises',
  (name) => {
    const { runbook, problems } = parseRunbook(
      `config/runbooks/${name}`,
      readFileSync(join(FOLDER, name), 'utf8'),
    )
    expect(problems).toEqual([])
    expect(runbook?.steps.some(({ command }) => command !== undefined)).toBe(true)
  },
)

test('any text at all gives a runbook or problems, and never throws', () => {
  const lines = VALID.split('\n')
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...lines), fc.string()), { maxLength: 80 }),
      (chosen) => {
        const { runbook, problems } = parseRunbook(FILE, chosen.join('\n'))
        expect(runbook === undefined).toBe(problems.length > 0)
        for (const { line } of problems) expect(line).toBeLessThanOrEqual(chosen.length + 1)
      },
    ),
    { numRuns: 300 },
  )
})

test.each([
  { block: 'df -h', count: 1 },
  { block: '# first look\ndf -h', count: 1 },
  { block: 'find / -name x \\\n  | sort', count: 1 },
  { block: 'du -s * |\n  sort', count: 1 },
  { block: "psql -c '\n  select 1\n'", count: 1 },
  { block: 'df -h\n\ndf -i', count: 2 },
  { block: '# only a word', count: 0 },
])('$block is $count', ({ block, count }) => {
  expect(countCommands(block)).toBe(count)
})

test.each([
  ['rm -rf /data/old', true],
  ['ls | xargs rm --', true],
  ['find / -name x -delete', true],
  ['psql -c "drop table orders"', true],
  ['psql -c "select pg_terminate_backend(4)"', true],
  ['kubectl rollout undo deployment/x', true],
  ['kubectl rollout history deployment/x', false],
  ['pg_ctl promote', true],
  ['df -h /var/lib/rm', false],
  ['systemctl status order-service', false],
])('%s destroys: %s', (command, expected) => {
  expect(destruction(command) !== undefined).toBe(expected)
})
