import type { BrowserRecord, PageRecord } from '../../protocol/run.ts'
import { bytesWords, count, shortTime, UNKNOWN } from '../words/quantity.ts'
import { shownWords, type VitalName, vitalWords } from '../words/vital-words.ts'

/** What a journey's browser saw besides its steps: pages, failed requests, the console. */
export function BrowserSection({ browser }: { browser: BrowserRecord | undefined }) {
  if (!browser) return null
  const { engine, requests, bytes, failedRequestCount } = browser
  return (
    <section aria-label="What the browser saw">
      <h2>
        What the browser saw <span class="quiet">{engine}</span>
      </h2>
      <div class="card browser">
        <p>
          {count(requests, 'request')}, {bytesWords(bytes)} received;{' '}
          <span class={failedRequestCount > 0 ? 'tone-failed' : 'quiet'}>
            {failedRequestCount > 0 ? '✗ ' : ''}
            {count(failedRequestCount, 'request')} failed
          </span>
        </p>
        <Pages pages={browser.pages} />
        <FailedRequests browser={browser} />
        <Console browser={browser} />
      </div>
    </section>
  )
}

const VITALS: readonly [VitalName, string, (page: PageRecord) => number | undefined][] = [
  ['ttfb', 'first byte (TTFB)', (page) => page.ttfbMs],
  ['fcp', 'first paint (FCP)', (page) => page.fcpMs],
  ['lcp', 'largest paint (LCP)', (page) => page.lcpMs],
  ['inp', 'slowest interaction (INP)', (page) => page.inpMs],
  ['cls', 'layout shift (CLS)', (page) => page.cls],
]

function Pages({ pages }: Pick<BrowserRecord, 'pages'>) {
  if (pages.length === 0) return null
  return (
    <table class="stacking">
      <thead>
        <tr>
          <th scope="col">page</th>
          {VITALS.map(([name, title]) => (
            <th key={name} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {pages.map((page, index) => (
          <tr key={index}>
            <th scope="row">
              {page.url} {page.status !== undefined && <strong>HTTP {page.status}</strong>}
            </th>
            {VITALS.map(([name, title, read]) => {
              const words = vitalWords(name, read(page))
              return (
                <td key={name} data-label={title}>
                  {words ? (
                    <>
                      {words.value} <span class={`tone-${words.tone}`}>{words.word}</span>
                    </>
                  ) : (
                    UNKNOWN
                  )}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function FailedRequests({ browser }: { browser: BrowserRecord }) {
  const { failedRequests, failedRequestCount } = browser
  if (failedRequests.length === 0) return null
  return (
    <div>
      <h3>
        Failed requests{' '}
        <span class="quiet">{shownWords(failedRequests.length, failedRequestCount)}</span>
      </h3>
      <table class="stacking">
        <thead>
          <tr>
            <th scope="col">request</th>
            <th scope="col">what came</th>
            <th scope="col">when</th>
          </tr>
        </thead>
        <tbody>
          {failedRequests.map(({ method, url, resource, status, failure, atMs, step }, index) => (
            <tr key={index}>
              <th scope="row">
                {method} {url} <span class="quiet">{resource}</span>
              </th>
              <td data-label="what came">
                {status === undefined ? (failure ?? 'no answer') : `HTTP ${status}`}
              </td>
              <td data-label="when">{momentWords(atMs, step)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Console({ browser }: { browser: BrowserRecord }) {
  const { console: lines, consoleErrorCount, consoleWarningCount, exceptionCount } = browser
  const all = consoleErrorCount + consoleWarningCount + exceptionCount
  if (all === 0) return <p class="quiet">No errors, warnings or exceptions on the console.</p>
  return (
    <div>
      <h3>
        Console <span class="quiet">{shownWords(lines.length, all)}</span>
      </h3>
      <p class="quiet">
        {count(consoleErrorCount, 'error')}, {count(consoleWarningCount, 'warning')},{' '}
        {count(exceptionCount, 'exception')} that no page caught
      </p>
      <ol class="console">
        {lines.map(({ kind, text, place, atMs, step }, index) => (
          <li key={index}>
            <strong class={kind === 'warning' ? 'tone-degraded' : 'tone-failed'}>
              {kind === 'warning' ? '◐' : '✗'} {kind}
            </strong>{' '}
            <span class="message">{text}</span>
            <span class="quiet">
              {' '}
              {place === undefined ? '' : `${place}, `}
              {momentWords(atMs, step)}
            </span>
          </li>
        ))}
      </ol>
    </div>
  )
}

const momentWords = (atMs: number, step: string | undefined): string =>
  `after ${shortTime(atMs)}${step === undefined ? '' : `, in “${step}”`}`
