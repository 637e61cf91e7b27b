/**
 * Who is told of alerts, as written in `spillway.yaml`: a first channel, a second one for when that fails, and a
 * heartbeat that somebody outside can miss. Secrets stand there by the name of their variable only, `${NAME}`; they are
 * put in when something is sent, and what is shown of a channel never holds one.
 */
export type ChannelSettings = WebhookSettings | CommandSettings

export interface WebhookSettings {
  readonly kind: 'webhook'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export interface CommandSettings {
  readonly kind: 'command'
  /** The program and its arguments; no shell reads them. */
  readonly words: readonly string[]
}

export interface HeartbeatSettings {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly everyMs: number
}

export interface AlertSettings {
  readonly first?: ChannelSettings
  readonly second?: ChannelSettings
  readonly heartbeat?: HeartbeatSettings
}

export const heartbeatEveryMs = 60_000

const variable = /\$\{([A-Za-z_]\w*)\}/g

/** Names of variables that the settings want and the environment does not have. */
export const missingVariables = (
  settings: AlertSettings,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] => {
  const names = textsOf(settings).flatMap((text) => [...text.matchAll(variable)].map(([, name = '']) => name))
  return [...new Set(names)].filter((name) => (env[name] ?? '') === '')
}

/** The same with the values of the variables in place of their names. */
export const filledSettings = (
  settings: AlertSettings,
  env: Readonly<Record<string, string | undefined>>,
): AlertSettings => {
  const fill = (text: string): string => text.replace(variable, (_, name: string) => env[name] ?? '')
  const headers = (all: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(all).map(([name, value]) => [name, fill(value)]))
  const channel = (one: ChannelSettings): ChannelSettings =>
    one.kind === 'command'
      ? { ...one, words: one.words.map(fill) }
      : { ...one, url: fill(one.url), headers: headers(one.headers) }
  const { first, second, heartbeat } = settings
  return {
    ...(first === undefined ? {} : { first: channel(first) }),
    ...(second === undefined ? {} : { second: channel(second) }),
    ...(heartbeat === undefined
      ? {}
      : { heartbeat: { ...heartbeat, url: fill(heartbeat.url), headers: headers(heartbeat.headers) } }),
  }
}

const textsOf = ({ first, second, heartbeat }: AlertSettings): readonly string[] => [
  ...[first, second].flatMap((one) => {
    if (one === undefined) return []
    return one.kind === 'command' ? one.words : [one.url, ...Object.values(one.headers)]
  }),
  ...(heartbeat === undefined ? [] : [heartbeat.url, ...Object.values(heartbeat.headers)]),
]
