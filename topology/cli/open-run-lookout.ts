/** What `topology run` shows to the outside, from its options and settings: `--http`, `alerts` of `spillway.yaml`, disks. */
import { dirname } from 'node:path'
import type { Resources } from '../model/run-handle.ts'
import type { Topology } from '../model/topology.ts'
import type { AlertSettings } from '../observe/alerts/alert-settings.ts'
import { type HttpAddress, isLoopback, parseHttpAddress } from '../observe/http/http-address.ts'
import { type OpenLookout, openLookout } from '../open-lookout.ts'
import type { CommandIo, OptionDefinition } from './command.ts'
import type { CommandInput } from './command-input.ts'
import type { Configuration } from './configuration.ts'
import type { Talk } from './talk.ts'

export const httpOption: OptionDefinition = {
  flags: '--http <HOST:PORT>',
  doc: 'serves a status page, /metrics, /status.json and /health/live, ready and progress; a port alone is for this machine only',
}

/** Noted with the other problems of the command line. */
export const readHttp = (input: CommandInput): HttpAddress | undefined => input.parsed('http', parseHttpAddress)

/** What was asked for. */
export interface RunOutside {
  readonly http: HttpAddress | undefined
  readonly alerts: AlertSettings
}

export interface RunLookoutOptions {
  readonly topology: Pick<Topology, 'name'>
  readonly configuration: Configuration
  readonly resources: Resources
  readonly spillFolder: string | undefined
  readonly outside: RunOutside
}

export const openRunLookout = async (io: CommandIo, talk: Talk, options: RunLookoutOptions): Promise<OpenLookout> => {
  const { topology, configuration, resources, spillFolder, outside } = options
  const { http, alerts } = outside
  const { logs, rows, objects } = resources
  const lookout = await openLookout({
    ...{ topology: topology.name, alerts, stores: { rows, objects }, clock: io.clock },
    ...(http === undefined ? {} : { http }),
    folders: [
      ...['log', 'rows', 'objects'].flatMap((name) => folderOf(name, configuration)),
      ...(spillFolder === undefined ? [] : [{ name: 'spill', path: dirname(spillFolder) }]),
    ],
    ports: [...new Set([...Object.values(logs), rows, objects])],
    tell: (level, text) => talk[level](text),
  })
  if (lookout.url !== undefined) talk.info(`status page ${lookout.url}/${openWarning(http)}`)
  return lookout
}

/** What everybody can read is said, once. */
const openWarning = (http: HttpAddress | undefined): string =>
  http === undefined || isLoopback(http.host) ? '' : ' (readable by everybody who reaches this machine)'

const folderOf = (
  name: string,
  configuration: Configuration,
): readonly { readonly name: string; readonly path: string }[] => {
  const url = name === 'log' || name === 'rows' || name === 'objects' ? configuration[name].value : ''
  const [, scheme, path] = /^(file|sqlite):([^?]+)/.exec(url) ?? []
  if (path === undefined) return []
  return [{ name, path: scheme === 'sqlite' ? dirname(path) : path }]
}
