import { AppError } from '../base/app-error.ts'
import { ERROR_CODES, type ErrorCode } from '../protocol/error-code.ts'
import { Problem } from '../protocol/public-api.ts'
import { DemoStatus } from './control-status.ts'

/** Switches faults of the demo that runs on this machine. Each call gives what is on afterwards. */
export type DemoControlClient = {
  status(): Promise<DemoStatus>
  setFault(name: string, change: { on: boolean; region?: string | undefined }): Promise<DemoStatus>
  fix(): Promise<DemoStatus>
}

const DEADLINE_MS = 5_000

/**
 * All calls throw {@link AppError}: `demo.not_running` when nobody answers at the port, else the code
 * of the refusal, such as `demo.unknown_fault`.
 */
export function createDemoControlClient(port: number): DemoControlClient {
  const origin = `http://127.0.0.1:${port}`

  async function call(path: string, body?: unknown): Promise<DemoStatus> {
    const response = await fetch(`${origin}${path}`, {
      ...(body === undefined ? {} : postJson(body)),
      signal: AbortSignal.timeout(DEADLINE_MS),
    }).catch((cause: unknown) => {
      throw new AppError('demo.not_running', `no demo answers at ${origin}`, { cause })
    })
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok) return readStatus(answer, origin)
    const problem = Problem.safeParse(answer)
    if (problem.success && Object.hasOwn(ERROR_CODES, problem.data.code))
      throw new AppError(problem.data.code as ErrorCode, problem.data.detail ?? problem.data.title)
    throw new AppError('demo.not_running', `what answers at ${origin} is no demo`)
  }

  return {
    status: () => call('/status'),
    setFault: (name, { on, region }) =>
      call(`/faults/${encodeURIComponent(name)}`, region === undefined ? { on } : { on, region }),
    fix: () => call('/fix', {}),
  }
}

const postJson = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

function readStatus(answer: unknown, origin: string): DemoStatus {
  const status = DemoStatus.safeParse(answer)
  if (status.success) return status.data
  throw new AppError('demo.not_running', `what answers at ${origin} is no demo`)
}
