/** The file of a catalogued topology as a person in this folder writes it. */
import { relative } from 'node:path'
import type { CatalogueEntry } from '../../sinks/rows/catalogue-entry.ts'
import type { CommandIo } from './command.ts'

export const shownFile = (io: CommandIo, topology: CatalogueEntry | undefined): string => {
  const file = topology?.file
  return typeof file === 'string' ? relative(io.folder, file) : 'FILE'
}
