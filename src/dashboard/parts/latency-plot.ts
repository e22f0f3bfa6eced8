import type uPlot from 'uplot'
import type { Latency } from '../../protocol/public-api.ts'
import { bucketInstant, columnsOf } from '../words/latency-words.ts'
import { shortTime } from '../words/quantity.ts'
import { axisTime } from '../words/time-words.ts'

/** Lines that can be told apart; `--line-1` … in the styles. More regions than these share them. */
export const LINE_COLORS = 6

export const lineToken = (index: number): string => `--line-${(index % LINE_COLORS) + 1}`

const FONT = '12px system-ui, sans-serif'
const MARK_HEIGHT_PX = 4
const SECOND_MS = 1_000

/** For each region the median and the 95th percentile. Null is a gap. */
export function chartData(latency: Latency, name: string): uPlot.AlignedData {
  const nothing = () => Array.from({ length: latency.buckets }, () => null)
  return [
    Array.from(
      { length: latency.buckets },
      (_, index) => bucketInstant(latency, index) / SECOND_MS,
    ),
    ...latency.regions.flatMap((region) => {
      const columns = columnsOf(region, name)
      return [columns?.p50 ?? nothing(), columns?.p95 ?? nothing()]
    }),
  ] as uPlot.AlignedData
}

export function chartOptions(
  element: HTMLElement,
  latency: Latency,
  onPoint: (index: number | undefined) => void,
): uPlot.Options {
  const color = (token: string) => resolvedColor(element, token)
  const grid = { stroke: color('--line'), width: 1 }
  const ink = color('--ink-2')
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false, x: false, y: false } },
    scales: {
      x: { range: [latency.since / SECOND_MS, endOf(latency) / SECOND_MS] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        stroke: ink,
        font: FONT,
        grid,
        ticks: grid,
        values: (_, splits, __, ___, stepSeconds) =>
          splits.map((at) => axisTime(at * SECOND_MS, stepSeconds * SECOND_MS)),
      },
      {
        stroke: ink,
        font: FONT,
        grid,
        ticks: { show: false },
        size: 64,
        values: (_, splits) => splits.map((ms) => (ms === 0 ? '0' : shortTime(ms))),
      },
    ],
    series: [
      {},
      ...latency.regions.flatMap((_, index) => {
        const stroke = color(lineToken(index))
        return [
          { stroke, width: 2, points: isolatedPoints(stroke) },
          { stroke, width: 1, dash: [4, 3], points: isolatedPoints(stroke) },
        ]
      }),
    ],
    hooks: {
      drawClear: [(plot) => markFailures(plot, latency, color('--failed'))],
      setCursor: [(plot) => plot.cursor.event && onPoint(plot.cursor.idx ?? undefined)],
    },
  }
}

const endOf = ({ since, bucketMs, buckets }: Latency) => since + bucketMs * buckets

/** A value between two gaps has no line; it must be seen all the same. */
const isolatedPoints = (fill: string): uPlot.Series.Points => ({
  show: true,
  size: 5,
  fill,
  filter: (plot, seriesIndex) => {
    const values = plot.data[seriesIndex] ?? []
    const isGap = (index: number) => (values[index] ?? null) === null
    return [...values.keys()].filter(
      (index) => !isGap(index) && isGap(index - 1) && isGap(index + 1),
    )
  },
})

/** A mark below each bucket in which a run failed, and a shade above it. */
function markFailures(plot: uPlot, latency: Latency, color: string): void {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  ctx.save()
  ctx.fillStyle = color
  for (let index = 0; index < latency.buckets; index++) {
    if (!latency.regions.some(({ failed }) => (failed[index] ?? 0) > 0)) continue
    const at = latency.since + index * latency.bucketMs
    const left = plot.valToPos(at / SECOND_MS, 'x', true)
    const right = plot.valToPos((at + latency.bucketMs) / SECOND_MS, 'x', true)
    ctx.globalAlpha = 0.1
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
    ctx.globalAlpha = 1
    const height = MARK_HEIGHT_PX * ratio
    ctx.fillRect(left, bbox.top + bbox.height - height, right - left - ratio, height)
  }
  ctx.restore()
}

/** A canvas knows no variables: the color that a token has here and now. */
function resolvedColor(element: HTMLElement, token: string): string {
  const before = element.style.color
  element.style.color = `var(${token})`
  const { color } = getComputedStyle(element)
  element.style.color = before
  return color
}
