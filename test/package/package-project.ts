/**
 * The package as a user gets it: packed once, installed into an empty project beside the topology of the README.
 *
 * Everything runs in other processes under the Node of this one, so what is tested is the built package, not the source.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository: string = fileURLToPath(new URL('../..', import.meta.url))

export interface Packed {
  readonly tarball: string
  /** Paths within the package. */
  readonly files: readonly string[]
}

export const makeFolder = (): { readonly path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'spillway-package-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Runs a program, gives its stdout, throws with both outputs when it fails. The conditions of the tests do not reach it. */
export const runIn = (folder: string, command: string, args: readonly string[]): string => {
  const { NODE_OPTIONS: _options, ...env } = process.env
  const path = [dirname(process.execPath), join(repository, 'node_modules/.bin'), env['PATH']].join(delimiter)
  try {
    return execFileSync(command, args, {
      cwd: folder,
      env: { ...env, PATH: path, CI: '1' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string } // what Node attaches to a failed program
    throw new Error(`${command} ${args.join(' ')}\n${stdout ?? ''}\n${stderr ?? ''}`, { cause: error })
  }
}

/** Builds and packs. */
export const pack = (folder: string): Packed => {
  const printed = runIn(repository, 'npm', ['pack', '--json', '--silent', '--pack-destination', folder])
  const [found] = JSON.parse(printed.slice(printed.indexOf('['))) as [{ filename: string; files: { path: string }[] }] // npm's own format
  return { tarball: join(folder, found.filename), files: found.files.map(({ path }) => path) }
}

const tsconfig = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    allowImportingTsExtensions: true,
    types: ['node'],
    typeRoots: [join(repository, 'node_modules/@types')],
  },
  include: ['*.ts'],
}

/** An empty project with the package installed, and the topology that the README shows. */
export const installInto = (folder: string, tarball: string): string => {
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'shop', private: true, type: 'module' }))
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(tsconfig))
  writeFileSync(join(project, 'topology.ts'), topologyOfReadme())
  runIn(project, 'npm', ['install', tarball, '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'])
  return project
}

const topologyOfReadme = (): string => {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8')
  const block = /```ts\n([\s\S]*?)```/.exec(readme)?.[1]
  if (block === undefined) throw new Error('README.md shows no topology')
  return block
}
