/**
 * The hard bound on the paths of a fragment (DOMAIN section 4), applied when the fragment is written.
 *
 * What is given up follows from the counts alone, so whoever writes an epoch again gives up the same (I-7). It stays
 * given up while anything is counted there, so that a delete finds what its events had added (I-3); the last one to
 * leave gives the names back.
 */
import type { SchemaState } from './schema-state.ts'
import {
  collapsedObjects,
  collapseWide,
  dropEmpty,
  eachPath,
  markCollapsed,
  type SchemaNode,
  schemaTree,
} from './schema-tree.ts'
import { isZeroCounts } from './type-counts.ts'

/** Forgets what has no count, applies what is collapsed, and bounds the rest. Repeating it changes nothing. */
export const settleSchema = (state: SchemaState, pathsMax: number): void => {
  for (const [path, counts] of state.paths) {
    if (!isZeroCounts(counts)) continue
    state.paths.delete(path)
    state.characters -= path.length
  }
  if (state.collapsed.size === 0 && state.paths.size <= pathsMax) return
  const tree = schemaTree(state.paths)
  markCollapsed(tree, state.collapsed)
  collapseWide(tree, () => Number.POSITIVE_INFINITY, false)
  dropEmpty(tree)
  boundPaths(tree, pathsMax)
  replacePaths(state, tree)
}

/** Halves the names that an object may have until the paths fit. At 0 one path for each level is left. */
const boundPaths = (tree: SchemaNode, pathsMax: number): void => {
  for (let namesMax = pathsMax / 2; pathCount(tree) > pathsMax; namesMax = Math.floor(namesMax / 2)) {
    collapseWide(tree, () => namesMax, false)
    if (namesMax === 0) return
  }
}

const pathCount = (tree: SchemaNode): number => {
  let count = 0
  eachPath(tree, () => {
    count += 1
  })
  return count
}

const replacePaths = (state: SchemaState, tree: SchemaNode): void => {
  state.paths.clear()
  state.characters = 0
  eachPath(tree, (path, counts) => {
    state.paths.set(path, counts)
    state.characters += path.length
  })
  state.collapsed.clear()
  for (const [path, names] of collapsedObjects(tree)) state.collapsed.set(path, names)
}
