/** A topology while its declaring function runs. The one mutable thing of the builder. */
import { errors } from '../model/errors.ts'
import type { BoltNode, SinkNode, SpoutNode, TopologyNode } from '../model/topology.ts'
import { rememberLocation } from './node-location.ts'
import type { Problem, SourceLocation } from './problem.ts'

export interface Draft {
  readonly spouts: SpoutNode[]
  readonly bolts: BoltNode[]
  readonly sinks: SinkNode[]
  readonly problems: Problem[]
  isOpen: boolean
}

/** Freezes a node, notes its place and adds it. Throws when the declaration is over: the node would be lost silently. */
export const addNode = <Node extends TopologyNode>(
  draft: Draft,
  nodes: Node[],
  node: Node,
  at: SourceLocation | undefined,
): void => {
  if (!draft.isOpen) {
    const problem = `${node.kind} ${node.name} was added after the declaring function had returned`
    throw errors.badConfiguration({ problem })
  }
  if (node.kind !== 'spout') Object.freeze(node.inputs)
  rememberLocation(node, at)
  nodes.push(Object.freeze(node))
}
