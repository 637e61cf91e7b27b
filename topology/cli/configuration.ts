/**
 * Where a command finds its resources: flags, else the environment, else `spillway.yaml` (in the current folder, then
 * beside the topology's file), else folders below `./data`. Every answer remembers where it came from, so that an
 * error can point there.
 */
import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import type { KnobSetting } from '../model/knobs/knob-setting.ts'
import { messageOf } from '../model/spillway-error.ts'
import { type AlertSettings, filledSettings, missingVariables } from '../observe/alerts/alert-settings.ts'
import { type ResourceName, resourceUrlProblem } from '../resource-url.ts'
import type { CommandIo } from './command.ts'
import type { CommandInput } from './command-input.ts'
import type { Placed, Settings } from './settings-file.ts'

const defaults: Readonly<Record<ResourceName, string>> = {
  log: 'file:./data/log',
  rows: 'sqlite:./data/rows.db',
  objects: 'file:./data/objects',
}

/** URLs with absolute paths. */
export interface Configuration extends Readonly<Record<ResourceName, Placed<string>>> {
  readonly topology: Placed<string> | undefined
  /** URLs of logs that spouts call by name. */
  readonly logs: Readonly<Record<string, Placed<string>>>
  readonly knobs: Readonly<Record<string, KnobSetting>>
  /** Who is told of alerts, with the names of secrets; `alertsOf` puts them in. */
  readonly alerts?: Placed<AlertSettings>
}

/** Reads the configuration; problems go to the input. `file` is the topology's file where the command has one. */
export const readConfiguration = async (io: CommandIo, input: CommandInput, file?: string): Promise<Configuration> => {
  const found = await findSettings(io, input, file)
  const pick = (name: ResourceName | 'topology'): Placed<string> | undefined => {
    const variable = `SPILLWAY_${name.toUpperCase()}`
    const flag = input.text(name)
    const inEnvironment = name === 'topology' ? undefined : io.env[variable]
    if (flag !== undefined) return { value: absoluteUrl(flag, io.folder), at: `--${name}` }
    if (inEnvironment !== undefined && inEnvironment !== '')
      return { value: absoluteUrl(inEnvironment, io.folder), at: variable }
    const setting = found.settings[name]
    return setting === undefined ? undefined : { value: absoluteUrl(setting.value, found.folder), at: setting.at }
  }
  const resource = (name: ResourceName): Placed<string> => {
    const placed = pick(name)
    if (placed === undefined) return { value: absoluteUrl(defaults[name], io.folder), at: 'default' }
    const problem = resourceUrlProblem(name, placed.value)
    if (problem !== undefined) input.note({ at: placed.at, text: problem })
    return placed
  }
  const logs = Object.entries(found.settings.logs).map(
    ([name, { value, at }]) => [name, { value: absoluteUrl(value, found.folder), at }] as const,
  )
  const topology =
    input.text('topology') === undefined
      ? found.settings.topology
      : { value: input.text('topology') ?? '', at: '--topology' }
  return {
    log: resource('log'),
    rows: resource('rows'),
    objects: resource('objects'),
    topology,
    logs: Object.fromEntries(logs),
    knobs: found.settings.knobs,
    ...(found.settings.alerts === undefined ? {} : { alerts: found.settings.alerts }),
  }
}

/**
 * Who is told of alerts, secrets put in; variables that are missing are problems of the input. Only for commands that tell
 * somebody: others need no secrets.
 */
export const alertsOf = (
  { env }: Pick<CommandIo, 'env'>,
  input: CommandInput,
  { alerts }: Pick<Configuration, 'alerts'>,
): AlertSettings => {
  if (alerts === undefined) return {}
  for (const name of missingVariables(alerts.value, env))
    input.note({ at: alerts.at, text: `\${${name}} is not set in the environment` })
  return filledSettings(alerts.value, env)
}

export const settingsName = 'spillway.yaml'

const findSettings = async (
  io: CommandIo,
  input: CommandInput,
  file: string | undefined,
): Promise<{ readonly settings: Settings; readonly folder: string }> => {
  const folders = [io.folder, ...(file === undefined ? [] : [dirname(resolve(io.folder, file))])]
  const folder = folders.find((one) => existsSync(join(one, settingsName)))
  if (folder === undefined) return { settings: { logs: {}, knobs: {} }, folder: io.folder }
  const path = join(folder, settingsName)
  const shown = relative(io.folder, path)
  const { readSettings } = await import('./settings-file.ts')
  try {
    const { settings, problems } = readSettings(path, shown)
    for (const problem of problems) input.note(problem)
    return { settings, folder }
  } catch (error) {
    input.note({ at: shown, text: messageOf(error) })
    return { settings: { logs: {}, knobs: {} }, folder }
  }
}

/** Makes the path of `file:` and `sqlite:` URLs absolute; anything else is the opener's to judge. */
export const absoluteUrl = (url: string, folder: string): string => {
  const match = /^(file|sqlite):(?!\/\/)([^?]+)(.*)$/s.exec(url)
  if (match === null) return url
  const [, scheme = '', path = '', rest = ''] = match
  return `${scheme}:${isAbsolute(path) ? path : resolve(folder, path)}${rest}`
}
