import { useState } from 'preact/hooks'
import type { AccessToken } from '../../protocol/people-api.ts'
import type { RegionStatus } from '../../protocol/public-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { fetchJson, type LoadProblem } from '../live/fetch-json.ts'
import { useResource } from '../live/use-resource.ts'
import { count } from '../words/quantity.ts'
import { FormDialog } from './form-dialog.tsx'
import { LoadNotice } from './load-notice.tsx'
import { Age, Moment } from './moment.tsx'
import { RoleChoice } from './role-choice.tsx'
import { ShownOnce } from './shown-once.tsx'
import { Skeleton } from './skeleton.tsx'

const NAME_LENGTH_MAX = 60
const LOGIN_LENGTH_MAX = 80
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

type Made = { token: AccessToken; secret: string }

/** What lets programs and probes in. */
export function TokenList() {
  const resource = useResource<{ data: AccessToken[] }>(PATHS.tokens)
  const [dialog, open] = useState<'token' | 'enrolment'>()
  const [made, setMade] = useState<Made>()
  const [problem, setProblem] = useState<LoadProblem>()
  const tokens = resource.data?.data
  const close = () => open(undefined)
  const done = (answer: Made) => {
    close()
    setMade(answer)
    resource.reload()
  }

  async function revoke({ id }: AccessToken): Promise<void> {
    const address = addressOf(PATHS.revokeToken, { tokenId: id })
    const answer = await fetchJson(address, new AbortController().signal, {})
    setProblem('problem' in answer ? answer.problem : undefined)
    resource.reload()
  }

  return (
    <section aria-label="Tokens">
      <div class="toolbar">
        <button type="button" onClick={() => open('token')}>
          Make a token
        </button>
        <button type="button" onClick={() => open('enrolment')}>
          Enrol a probe
        </button>
        {tokens && <span class="quiet">{count(tokens.length, 'token')}</span>}
      </div>
      <LoadNotice resource={resource} />
      {problem && (
        <p class="notice" role="alert">
          {problem.title}. {problem.detail}
        </p>
      )}
      {made && <SecretOf made={made} onDone={() => setMade(undefined)} />}
      {tokens ? (
        <Tokens tokens={tokens} onRevoke={(token) => void revoke(token)} />
      ) : (
        <Skeleton rows={4} label="Loading the tokens" />
      )}
      {dialog === 'token' && <TokenDialog onDone={done} onClose={close} />}
      {dialog === 'enrolment' && <EnrolmentDialog onDone={done} onClose={close} />}
    </section>
  )
}

function SecretOf({ made: { token, secret }, onDone }: { made: Made; onDone(): void }) {
  const means =
    token.kind === 'enrolment'
      ? 'Start the probe with it as FIREWATCH_ENROLMENT_TOKEN. It is good once, and shown only now.'
      : 'Keep it as FIREWATCH_TOKEN, or send it as Authorization: Bearer. It is shown only now.'
  const title = token.kind === 'enrolment' ? `For a probe in ${token.regionId}` : token.name
  return <ShownOnce title={title} means={means} secret={secret} onDone={onDone} />
}

const KINDS: Record<AccessToken['kind'], string> = {
  token: 'token',
  enrolment: 'enrolment, not used yet',
  probe: 'probe',
}

function Tokens(props: { tokens: AccessToken[]; onRevoke(token: AccessToken): void }) {
  const { tokens, onRevoke } = props
  if (tokens.length === 0)
    return (
      <p class="card empty">
        There is none. Programs and the command line need a token, and each probe one of its own.
      </p>
    )
  return (
    <div class="card people-table">
      <table class="stacking">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Kind</th>
            <th scope="col">May</th>
            <th scope="col">Last used</th>
            <th scope="col">Until</th>
            <th scope="col">
              <span class="unseen">What to do</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              <th scope="row">
                {token.name}
                <span class="quiet person-name">made by {token.createdBy.split(' ')[0]}</span>
              </th>
              <td data-label="Kind">{KINDS[token.kind]}</td>
              <td data-label="May">
                {token.role ?? `measure in ${token.regionId}`}
                {token.login !== undefined && <span class="quiet"> as {token.login}</span>}
              </td>
              <td data-label="Last used">
                {token.lastUsedAt === undefined ? (
                  'never'
                ) : (
                  <Age at={token.lastUsedAt} suffix=" ago" />
                )}
              </td>
              <td data-label="Until">
                {token.expiresAt === undefined ? 'it is revoked' : <Moment at={token.expiresAt} />}
              </td>
              <td>
                <div class="row-buttons">
                  <button
                    type="button"
                    aria-label={`Revoke ${token.name}`}
                    onClick={() => onRevoke(token)}
                  >
                    Revoke
                  </button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

type DialogProps = { onDone(made: Made): void; onClose(): void }

function TokenDialog(props: DialogProps) {
  return (
    <FormDialog<Made>
      title="Make a token"
      means="For a program, or for somebody's command line. Its secret is shown once."
      action="Make it"
      address={PATHS.tokens}
      bodyOf={(typed) => ({
        name: String(typed.get('name')),
        role: typed.get('role'),
        login: String(typed.get('login')) || undefined,
        forMs: Number(typed.get('days')) * DAY_MS,
      })}
      {...props}
    >
      <label>
        What it is for
        <input name="name" required maxLength={NAME_LENGTH_MAX} autocomplete="off" />
      </label>
      <RoleChoice chosen="viewer" />
      <label>
        <span>
          Acts for the login <span class="quiet">(optional)</span>
        </span>
        <input
          name="login"
          maxLength={LOGIN_LENGTH_MAX}
          autocapitalize="none"
          autocomplete="off"
          spellcheck={false}
        />
        <span class="quiet">Its deeds are then that person's; without it they are its own.</span>
      </label>
      <label>
        Good for
        <select name="days">
          <option value="1">a day</option>
          <option value="30">30 days</option>
          <option value="90" selected>
            90 days
          </option>
          <option value="365">a year</option>
        </select>
      </label>
    </FormDialog>
  )
}

function EnrolmentDialog(props: DialogProps) {
  const regions = useResource<{ data: RegionStatus[] }>(PATHS.regions).data?.data
  return (
    <FormDialog<Made>
      title="Enrol a probe"
      means="A probe exchanges this token once for a credential of its own, good for its region alone."
      action="Make the token"
      address={PATHS.enrolments}
      bodyOf={(typed) => ({
        regionId: String(typed.get('region')),
        forMs: Number(typed.get('hours')) * HOUR_MS,
      })}
      {...props}
    >
      <label>
        Region
        <select name="region" required>
          {(regions ?? []).map(({ regionId, name }) => (
            <option key={regionId} value={regionId}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        To be used within
        <select name="hours">
          <option value="1">an hour</option>
          <option value="24">a day</option>
          <option value="168">a week</option>
        </select>
      </label>
    </FormDialog>
  )
}
