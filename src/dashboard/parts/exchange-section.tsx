import type { ExchangeBody, ExchangeFile, RecordedExchange } from '../../protocol/exchange.ts'
import { addressOf, EXCHANGE_ARTIFACT, PATHS } from '../../protocol/public-paths.ts'
import type { Run } from '../../protocol/run.ts'
import { useResource } from '../live/use-resource.ts'
import { bodyWords } from '../words/exchange-words.ts'
import { LoadNotice } from './load-notice.tsx'

/** Longer ones are folded: a page of HTML must not hide what comes after it. */
const OPEN_LENGTH_MAX = 1_500

/** What was asked and what came, as the probe kept it; text only, whatever the target sent. */
export function ExchangeSection({ run }: { run: Run }) {
  const isKept = run.artifacts.some(({ name }) => name === EXCHANGE_ARTIFACT)
  const params = { runId: run.runId, name: EXCHANGE_ARTIFACT }
  const resource = useResource<ExchangeFile>(isKept ? addressOf(PATHS.artifact, params) : undefined)
  if (!isKept) return null
  const isAwaited = resource.problem?.status === 404
  return (
    <section aria-label="Exchange">
      <h2>
        What was asked, and what came <span class="quiet">secrets are masked</span>
      </h2>
      {isAwaited && !resource.data ? (
        <p class="card empty" role="status">
          It is on its way from the probe, or no longer kept.{' '}
          <button type="button" onClick={resource.reload}>
            Look again
          </button>
        </p>
      ) : (
        <LoadNotice resource={resource} />
      )}
      {resource.data?.exchanges.map((exchange, index) => (
        <Exchange key={index} exchange={exchange} />
      ))}
    </section>
  )
}

function Exchange({ exchange: { part, request, response } }: { exchange: RecordedExchange }) {
  return (
    <div class="card exchange">
      {part !== undefined && <h3>{part}</h3>}
      <p class="exchange-line">
        {request.method} {request.url}
      </p>
      <Headers title="Headers sent" headers={request.headers} />
      {request.body && <Body title="Body sent" body={request.body} />}
      {response ? (
        <>
          <p class="exchange-line">
            HTTP/{response.httpVersion} <strong>{response.status}</strong>
          </p>
          <Headers title="Headers that came" headers={response.headers} />
          {response.body && <Body title="Body that came" body={response.body} />}
        </>
      ) : (
        <p>
          <strong class="tone-failed">No answer came, or no complete head of one.</strong>
        </p>
      )}
    </div>
  )
}

function Headers(props: { title: string; headers: RecordedExchange['request']['headers'] }) {
  const { title, headers } = props
  if (headers.length === 0) return null
  return (
    <details>
      <summary>
        {title} <span class="quiet">{headers.length}</span>
      </summary>
      <dl class="exchange-headers">
        {headers.map(([name, value], index) => (
          <div key={index}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

function Body({ title, body }: { title: string; body: ExchangeBody }) {
  const text = body.text ?? body.base64
  return (
    <details open={body.text !== undefined && body.text.length <= OPEN_LENGTH_MAX}>
      <summary>
        {title} <span class="quiet">{bodyWords(body)}</span>
      </summary>
      {body.text === undefined && text !== undefined && (
        <p class="quiet">These bytes are no text; this is their base64.</p>
      )}
      {text !== undefined && text !== '' && <pre class="message">{text}</pre>}
    </details>
  )
}
