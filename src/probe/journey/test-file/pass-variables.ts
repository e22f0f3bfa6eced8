/** What the processes of a run need by themselves, by the beginnings of names. */
const RESERVED = /^(?:NODE_|PLAYWRIGHT|PW|FIREWATCH_|OTEL_|LD_|DYLD_)/
const RESERVED_NAMES = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'DISPLAY', 'XAUTHORITY']

/**
 * A check's params and secrets as the environment variables that a test file reads them from.
 *
 * @throws {TypeError} when a name is one that changes how the run's own processes work, or is used twice.
 */
export function variablesOf({
  params,
  secrets,
}: {
  params: Readonly<Record<string, string | number | boolean>>
  secrets: Readonly<Record<string, string>>
}): Record<string, string> {
  for (const name of [...Object.keys(params), ...Object.keys(secrets)])
    if (RESERVED.test(name) || RESERVED_NAMES.includes(name))
      throw new TypeError(
        `the check gives a value the name ${name}, which as an environment variable would change the test runner itself: choose another name`,
      )
  const twice = Object.keys(params).find((name) => Object.hasOwn(secrets, name))
  if (twice !== undefined)
    throw new TypeError(`the check has a param and a secret with the name ${twice}`)
  const texts = Object.entries(params).map(([name, value]) => [name, String(value)] as const)
  return { ...Object.fromEntries(texts), ...secrets }
}
