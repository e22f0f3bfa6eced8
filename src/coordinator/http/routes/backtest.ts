import { backtest } from '../../../protocol/backtest.ts'
import { backtestPiece } from '../../backtest-desk.ts'
import { defineRoute } from '../define-route.ts'

export const backtestRoute = defineRoute(backtest, ({ params, body }, parts) =>
  backtestPiece(parts, params.checkId, body),
)
