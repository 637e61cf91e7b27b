/** The `spillway.yaml` that `topology init` writes: the URLs that were given, and no secret, for a URL holds none. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ResourceName } from '../resource-url.ts'
import { type Configuration, settingsName } from './configuration.ts'
import type { ProjectFile } from './init-files.ts'

/** URLs by resource, those that the command line gave, or with --save the environment. */
export type GivenResources = Readonly<Partial<Record<ResourceName, string>>>

export interface InitSettings {
  readonly path: string
  /** `undefined` where none was given. */
  readonly resources: GivenResources | undefined
  /** Whether a file is there that says otherwise. */
  readonly isOther: boolean
}

const names: readonly ResourceName[] = ['log', 'rows', 'objects']

export const initSettings = (folder: string, configuration: Configuration, isSaved: boolean): InitSettings => {
  const path = join(folder, settingsName)
  const given = names.filter((name) => {
    const { at } = configuration[name]
    return at === `--${name}` || (isSaved && at === `SPILLWAY_${name.toUpperCase()}`)
  })
  const resources = Object.fromEntries(given.map((name) => [name, configuration[name].value]))
  if (given.length === 0) return { path, resources: undefined, isOther: false }
  return { path, resources, isOther: existsSync(path) && readFileSync(path, 'utf8') !== settingsFile(resources).text }
}

export const settingsFile = (resources: GivenResources): ProjectFile => {
  const lines = names.flatMap((name) => (resources[name] === undefined ? [] : [`${name}: ${resources[name]}\n`]))
  const head = '# Where log, rows and objects are. Users, passwords and keys stand in the environment only.\n'
  return { path: settingsName, text: `${head}${lines.join('')}` }
}
