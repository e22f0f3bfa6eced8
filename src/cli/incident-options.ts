import type { Command } from 'commander'
import { AppError } from '../base/app-error.ts'
import { IncidentId } from '../protocol/ids.ts'
import { usualCoordinator } from './coordinator-client.ts'

/** What every subcommand of `firewatch incident` takes. */
export type IncidentOptions = { coordinator: string; json?: true }

export const withCoordinator = (command: Command): Command =>
  command
    .option('--coordinator <url>', 'where the coordinator is', usualCoordinator())
    .option('--json', 'print what the coordinator answers, for programs')

export const asJson = (answer: unknown): string => `${JSON.stringify(answer, null, 2)}\n`

/** `42`, `inc-42` and `INC-42` are the same. @throws {AppError} `request.invalid` */
export function incidentIdOf(written: string): string {
  const id = /^\d+$/.test(written) ? `INC-${written}` : written.toUpperCase()
  if (IncidentId.safeParse(id).success) return id
  throw new AppError('request.invalid', `expected an incident such as INC-42 or 42, got ${written}`)
}
