import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, codeOf } from '../base/app-error.ts'
import { printable } from '../definitions/printable.ts'
import { planWords, teamsOfPlan } from '../domain/on-call/on-call-plan.ts'
import { OnCallPlan } from '../protocol/on-call-plan.ts'
import { EXIT } from './exit-codes.ts'
import { asJson } from './incident-options.ts'

/** As the probe names it, below its data folder; `probe/uplink/keep-on-call-plan.ts`. */
const FILE = 'on-call-plan.json'
/** More than any plan has. */
const FILE_BYTES_MAX = 4 * 1024 * 1024

type Asked = { folder: string; service: string | undefined; at: number; now: number; json: boolean }

/**
 * Who is on call by the copy that a probe keeps, for when the coordinator is down.
 *
 * @throws {AppError} `request.invalid` where there is no copy, or it is none; `service.unknown`.
 */
export async function whoByProbe({ folder, service, at, now, json }: Asked) {
  const plan = await readPlan(join(folder, FILE))
  const teams = teamsOfPlan(plan, service)
  if (service !== undefined && teams.length === 0)
    throw new AppError('service.unknown', `no team of this copy has the service ${service}`)
  const text = json
    ? asJson({ ...plan, teams })
    : `${planWords(plan, teams, { at, now, service }).map(printable).join('\n')}\n`
  return { text, exitCode: at >= plan.at && at < plan.until ? EXIT.fine : EXIT.undecided }
}

async function readPlan(file: string): Promise<OnCallPlan> {
  const expected = 'expected the data folder of a probe, FIREWATCH_PROBE_DATA, readable by who asks'
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new AppError(
      'request.invalid',
      `${file}: ${codeOf(cause) ?? 'unreadable'}; ${expected}`,
      {
        cause,
      },
    )
  }
  const parsed = text.length <= FILE_BYTES_MAX ? OnCallPlan.safeParse(jsonOf(text)) : undefined
  if (parsed?.success) return parsed.data
  throw new AppError('request.invalid', `${file}: no copy of who is on call; ${expected}`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
