import type { ExchangeSummary } from '../../protocol/run.ts'
import { exchangesMs, phaseListWords, phaseSegments, statusWords } from '../words/exchange-words.ts'
import { PHASE_ORDER, phaseWord } from '../words/phase-words.ts'
import { shortTime } from '../words/quantity.ts'

/** Each request of a run, with the phases of its time: redirects, requests of an `api`, addresses. */
export function ExchangeWaterfall({ exchanges }: { exchanges: readonly ExchangeSummary[] }) {
  const wholeMs = exchangesMs(exchanges)
  const used = new Set(exchanges.flatMap(({ phases }) => phases.map(({ name }) => name)))
  return (
    <section aria-label="Where the time went">
      <h2>Requests and their phases</h2>
      <div class="card">
        <ul class="phase-legend" aria-hidden="true">
          {PHASE_ORDER.filter((name) => used.has(name)).map((name) => (
            <li key={name}>
              <span class={`line-mark phase-${name}`} /> {phaseWord(name)}
            </li>
          ))}
        </ul>
        <ol class="waterfall exchanges">
          {exchanges.map((exchange, index) => (
            <Exchange key={index} exchange={exchange} wholeMs={wholeMs} />
          ))}
        </ol>
      </div>
    </section>
  )
}

function Exchange({ exchange, wholeMs }: { exchange: ExchangeSummary; wholeMs: number }) {
  const { part, method, url, httpVersion, address, ms } = exchange
  const details = [httpVersion && `HTTP/${httpVersion}`, address, phaseListWords(exchange.phases)]
  return (
    <li>
      <span class="waterfall-name">
        {part !== undefined && <strong>{part} </strong>}
        {method} {url} <strong>{statusWords(exchange)}</strong>
      </span>
      <span class="waterfall-track" aria-hidden="true">
        {phaseSegments(exchange, wholeMs).map(({ name, left, width }, index) => (
          <span
            key={index}
            class={`segment phase-${name}`}
            style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
          />
        ))}
      </span>
      <span class="waterfall-time">{shortTime(ms)}</span>
      <span class="quiet exchange-details">{details.filter(Boolean).join(' · ')}</span>
    </li>
  )
}
