/** Traffic is counted in spans of so long, each from the full five minutes to the next. */
export const TRAFFIC_SPAN_MS = 5 * 60_000
