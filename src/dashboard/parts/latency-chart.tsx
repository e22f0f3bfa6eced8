import { useEffect, useRef, useState } from 'preact/hooks'
import type uPlot from 'uplot'
import type { Latency } from '../../protocol/public-api.ts'
import { onColorsChange } from '../live/theme.ts'
import { bucketSentence, seriesWord } from '../words/latency-words.ts'
import { chartData, chartOptions } from './latency-plot.ts'

/**
 * One series over time, a line for each region. For assistive technology and the keyboard it is a
 * slider over time, like the slot bars: arrow keys walk the buckets, and each is told in words.
 */
export function LatencyChart(props: {
  latency: Latency
  name: string
  pointedAt: number | undefined
  onPoint: (index: number | undefined) => void
}) {
  const { latency, name, pointedAt, onPoint } = props
  const frame = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const [colors, setColors] = useState(0)
  const newestIndex = latency.buckets - 1
  const current = pointedAt ?? newestIndex

  useEffect(() => onColorsChange(() => setColors((changes) => changes + 1)), [])
  useEffect(() => {
    const element = frame.current
    if (!element) return
    let isGone = false
    const watch = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: element.clientHeight }),
    )
    // Only this page draws charts; the others need not load the library.
    void import('uplot').then(({ default: Plot }) => {
      if (isGone) return
      plot.current = new Plot(
        chartOptions(element, latency, onPoint),
        chartData(latency, name),
        element,
      )
      watch.observe(element)
    })
    return () => {
      isGone = true
      watch.disconnect()
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [latency, name, colors])
  useEffect(() => pointPlot(plot.current, pointedAt), [pointedAt])

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const target = {
      ArrowLeft: current - 1,
      ArrowRight: current + 1,
      Home: 0,
      End: newestIndex,
    }[event.key]
    if (target !== undefined) onPoint(Math.min(newestIndex, Math.max(0, target)))
    else if (event.key === 'Escape') onPoint(undefined)
    else return
    event.preventDefault()
  }

  return (
    <div
      ref={frame}
      class="latency-chart"
      role="slider"
      tabIndex={0}
      aria-label={`Latency over time: ${seriesWord(name)}`}
      aria-valuemin={1}
      aria-valuemax={latency.buckets}
      aria-valuenow={current + 1}
      aria-valuetext={bucketSentence(latency, name, current)}
      aria-readonly="true"
      onKeyDown={onKeyDown}
      onBlur={() => onPoint(undefined)}
    />
  )
}

function pointPlot(plot: uPlot | undefined, index: number | undefined): void {
  if (!plot) return
  // The pointer of a mouse is where it is already.
  if ((plot.cursor.idx ?? undefined) === index) return
  const at = index === undefined ? undefined : plot.data[0][index]
  const left = at === undefined ? -10 : plot.valToPos(at, 'x')
  plot.setCursor({ left, top: at === undefined ? -10 : 0 }, false)
}
