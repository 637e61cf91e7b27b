/**
 * +1 applies an event, -1 takes it out again (I-3).
 *
 * The weight belongs to the work, never to the tuple: user bolts see plain values, and a delete runs the same code.
 */
export type Weight = 1 | -1
