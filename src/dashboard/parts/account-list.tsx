import { useState } from 'preact/hooks'
import type { Role } from '../../protocol/access.ts'
import type { Account, Invitation } from '../../protocol/people-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { fetchJson, type LoadProblem } from '../live/fetch-json.ts'
import { ownLogin, sessionStore } from '../live/session.ts'
import { useResource } from '../live/use-resource.ts'
import { useValue } from '../live/use-value.ts'
import { count } from '../words/quantity.ts'
import { FormDialog } from './form-dialog.tsx'
import { LoadNotice } from './load-notice.tsx'
import { Age } from './moment.tsx'
import { RoleChoice } from './role-choice.tsx'
import { ShownOnce } from './shown-once.tsx'
import { Skeleton } from './skeleton.tsx'

const NAME_LENGTH_MAX = 100
const LOGIN_LENGTH_MAX = 80

type Link = { login: string; invitation: Invitation }

/** Everybody who may sign in. */
export function AccountList() {
  const resource = useResource<{ data: Account[] }>(PATHS.accounts)
  const [isInviting, setInviting] = useState(false)
  const [link, setLink] = useState<Link>()
  const [problem, setProblem] = useState<LoadProblem>()
  const accounts = resource.data?.data

  async function send<T>(address: string, body: object): Promise<T | undefined> {
    const answer = await fetchJson<T>(address, new AbortController().signal, body)
    setProblem('problem' in answer ? answer.problem : undefined)
    resource.reload()
    return 'data' in answer ? answer.data : undefined
  }
  const change = (login: string, body: object) =>
    void send(addressOf(PATHS.account, { login }), body)
  async function inviteAgain(login: string): Promise<void> {
    const invitation = await send<Invitation>(addressOf(PATHS.accountInvitation, { login }), {})
    if (invitation) setLink({ login, invitation })
  }

  return (
    <section aria-label="Accounts">
      <div class="toolbar">
        <button type="button" onClick={() => setInviting(true)}>
          Invite somebody
        </button>
        {accounts && <span class="quiet">{count(accounts.length, 'account')}</span>}
      </div>
      <LoadNotice resource={resource} />
      {problem && (
        <p class="notice" role="alert">
          {problem.title}. {problem.detail}
        </p>
      )}
      {link && (
        <ShownOnce
          title={`A link for ${link.login}`}
          means="Give it to them, and to nobody else: who opens it first sets the password. It is good once, for seven days."
          secret={link.invitation.link}
          onDone={() => setLink(undefined)}
        />
      )}
      {accounts ? (
        <div class="card people-table">
          <table class="stacking">
            <thead>
              <tr>
                <th scope="col">Who</th>
                <th scope="col">Role</th>
                <th scope="col">Signs in</th>
                <th scope="col">Last time</th>
                <th scope="col">
                  <span class="unseen">What to do</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {accounts.map((account) => (
                <AccountRow
                  key={account.login}
                  account={account}
                  onChange={(body) => change(account.login, body)}
                  onInvite={() => void inviteAgain(account.login)}
                />
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <Skeleton rows={4} label="Loading the accounts" />
      )}
      {isInviting && (
        <FormDialog<Link & { account: Account }>
          title="Invite somebody"
          means="They get a one-time link with which they set their password."
          action="Make the link"
          address={PATHS.accounts}
          bodyOf={(typed) => ({
            login: String(typed.get('login')),
            name: String(typed.get('name')),
            email: String(typed.get('email')) || undefined,
            role: typed.get('role'),
          })}
          onClose={() => setInviting(false)}
          onDone={({ account, invitation }) => {
            setInviting(false)
            setLink({ login: account.login, invitation })
            resource.reload()
          }}
        >
          <label>
            Login
            <input
              name="login"
              required
              maxLength={LOGIN_LENGTH_MAX}
              placeholder="first-responder"
              autocapitalize="none"
              autocomplete="off"
              spellcheck={false}
            />
            <span class="quiet">Their id in on-call.yaml, if they are on call.</span>
          </label>
          <label>
            Name
            <input name="name" required maxLength={NAME_LENGTH_MAX} autocomplete="off" />
          </label>
          <label>
            <span>
              E-mail <span class="quiet">(optional)</span>
            </span>
            <input name="email" type="email" autocomplete="off" />
          </label>
          <RoleChoice chosen="responder" />
        </FormDialog>
      )}
    </section>
  )
}

const SIGNS_IN: Record<Account['signsInBy'], string> = {
  password: 'with a password',
  organisation: 'with the organisation',
  invited: 'not yet: invited',
}

function AccountRow(props: {
  account: Account
  onChange(body: { role?: Role; isDisabled?: boolean }): void
  onInvite(): void
}) {
  const { account, onChange, onInvite } = props
  const { login, name, role, signsInBy, disabledAt, lastSignInAt, sessions } = account
  const isMe = ownLogin(useValue(sessionStore).me) === login
  const isOff = disabledAt !== undefined
  return (
    <tr data-login={login}>
      <th scope="row">
        {login}
        {isMe && <span class="quiet"> (you)</span>}
        {name !== login && <span class="quiet person-name">{name}</span>}
      </th>
      <td data-label="Role">
        <select
          aria-label={`Role of ${login}`}
          value={role}
          disabled={isOff}
          onChange={(event) => onChange({ role: event.currentTarget.value as Role })}
        >
          <option value="viewer">viewer</option>
          <option value="responder">responder</option>
          <option value="admin">admin</option>
        </select>
      </td>
      <td data-label="Signs in">{isOff ? 'switched off' : SIGNS_IN[signsInBy]}</td>
      <td data-label="Last time">
        {lastSignInAt === undefined ? 'never' : <Age at={lastSignInAt} suffix=" ago" />}
        {sessions > 0 && <span class="quiet">, {count(sessions, 'session')}</span>}
      </td>
      <td>
        <div class="row-buttons">
          {!isOff && (
            <button type="button" aria-label={`New link for ${login}`} onClick={onInvite}>
              New link
            </button>
          )}
          <button
            type="button"
            aria-label={`Switch ${isOff ? 'on' : 'off'} ${login}`}
            onClick={() => onChange({ isDisabled: !isOff })}
          >
            {isOff ? 'Switch on' : 'Switch off'}
          </button>
        </div>
      </td>
    </tr>
  )
}
