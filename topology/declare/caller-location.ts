/**
 * Finds the line of the user's file that called into Spillway, so that a problem can point at it.
 *
 * Reads one stack trace per declared node: a topology has few, and nothing of this runs per event. A trace that cannot
 * be read gives `undefined`, never an error: a location is help, not content.
 */
import { fileURLToPath } from 'node:url'
import type { SourceLocation } from './problem.ts'

// The folders of the library itself, as sources and as built files: frames in them are never the user's.
const ownFolders = ['../', '../../operators/', '../../sinks/'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
)

const frame = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:[\\/]).*?)(?:\?[^:]*)?:(\d+):(\d+)\)?$/

/** Where the user's code called the function that calls this. */
export const callerLocation = (): SourceLocation | undefined => locationInStack(new Error().stack ?? '')

/** The first frame of a stack trace that is neither Spillway's nor a dependency's. */
export const locationInStack = (stack: string): SourceLocation | undefined => {
  for (const line of stack.split('\n')) {
    const match = frame.exec(line)
    if (match === null) continue
    const [, place = '', row, column] = match
    const file = pathOf(place)
    if (file === undefined || isForeign(file)) continue
    return { file, line: Number(row), column: Number(column) }
  }
  return undefined
}

const isForeign = (file: string): boolean =>
  ownFolders.some((folder) => file.startsWith(folder)) || /[\\/]node_modules[\\/]/.test(file)

const pathOf = (place: string): string | undefined => {
  if (!place.startsWith('file://')) return place
  try {
    return fileURLToPath(place)
  } catch {
    return undefined
  }
}
