/** One instruction of a Dockerfile, such as `{ name: 'RUN', argument: 'npm ci' }`. */
export type Instruction = { line: number; name: string; argument: string }

/** A stage: what it starts from, and its instructions without the first. */
export type Stage = { name: string; from: string; instructions: Instruction[] }

/** Instructions that our own Dockerfile uses; another one needs a look at who reads them here. */
const KNOWN = new Set([
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'RUN',
  'USER',
  'VOLUME',
  'WORKDIR',
])

/**
 * Reads a Dockerfile whose instructions have one line each, as ours have.
 *
 * @throws for an instruction that is not known here.
 */
export function readDockerfile(text: string): Stage[] {
  const stages: Stage[] = []
  const values = new Map<string, string>()
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim()
    if (content === '' || content.startsWith('#')) continue
    const [, name = '', argument = ''] = /^([A-Z]+)\s+(.*)$/.exec(content) ?? []
    if (!KNOWN.has(name)) throw new Error(`Dockerfile:${index + 1}: ${content} is not known`)
    if (name === 'ARG') {
      const [key = '', value = ''] = argument.split('=')
      values.set(key, value)
    } else if (name === 'FROM') {
      const [from = '', , stage = ''] = argument.split(/\s+/)
      const image = from.replaceAll(/\$\{(\w+)\}/g, (_, key: string) => values.get(key) ?? '')
      stages.push({ name: stage, from: image, instructions: [] })
    } else stages.at(-1)?.instructions.push({ line: index + 1, name, argument })
  }
  return stages
}

/** The stage, with those that it stands on before it, the first of them first. */
export function lineage(stages: readonly Stage[], name: string): Stage[] {
  const stage = stages.find((candidate) => candidate.name === name)
  return stage ? [...lineage(stages, stage.from), stage] : []
}

/** What an image made of the stages runs with: the last word of each instruction counts. */
export function imageConfig(stages: readonly Stage[]) {
  const all = stages.flatMap(({ instructions }) => instructions)
  const last = (name: string) => all.findLast((instruction) => instruction.name === name)?.argument
  const environment: Record<string, string> = {}
  for (const { argument } of all.filter(({ name }) => name === 'ENV'))
    for (const pair of argument.split(/\s+/)) {
      const at = pair.indexOf('=')
      environment[pair.slice(0, at)] = pair.slice(at + 1)
    }
  const list = (text: string | undefined) => JSON.parse(text ?? '[]') as string[]
  return {
    user: last('USER'),
    environment,
    command: [...list(last('ENTRYPOINT')), ...list(last('CMD'))],
    health: list(last('HEALTHCHECK')?.replace(/^.*?CMD\s+/, '')),
    volumes: all.filter(({ name }) => name === 'VOLUME').map(({ argument }) => argument),
  }
}
