/**
 * The wanted paths as a tree of names, so that the scanner knows at each property whether to mark its value.
 *
 * Each path has a slot: an index into the marks of the scanner and into the columns of a batch.
 */
import type { Path } from '../../model/path.ts'

export interface WantedNode {
  readonly children: Map<string, WantedNode>
  /** -1: only a way to wanted paths below. */
  slot: number
}

const emptyNode = (): WantedNode => ({ children: new Map(), slot: -1 })

export class WantedTree {
  readonly root: WantedNode = emptyNode()
  readonly paths: Path[] = []

  /** Gives the slot of a path, the same one for equal paths. The empty path has none: -1. */
  add(path: Path): number {
    if (path.length === 0) return -1
    let node = this.root
    for (const segment of path) {
      let child = node.children.get(segment)
      if (child === undefined) {
        child = emptyNode()
        node.children.set(segment, child)
      }
      node = child
    }
    if (node.slot < 0) {
      node.slot = this.paths.length
      this.paths.push(path)
    }
    return node.slot
  }
}
