import { setFlagsFromString } from 'node:v8'

/**
 * Lets V8 enlarge its young generation again, once everything is loaded: `bin/countersign.js` holds it small
 * while code loads. Held for good, it would cost a third more CPU time per request.
 */
export function letYoungGenerationGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2')
}
