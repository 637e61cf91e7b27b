/**
 * Test-only: the tests plant the refuted variants of the protocol and show that each is caught.
 *
 * A name of PROTOCOL section 11 in this set makes the one place that guards against it act wrongly. Production code
 * never adds a name; each place asks for its own name in one clear condition.
 */
export const plantedFaults: Set<string> = new Set()
