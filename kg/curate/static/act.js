/** What parts of the page ask of the whole, filled in by main.js, so that no two parts import each other. */

/** @type {Record<string, (...given: any[]) => any>} */
export const act = {};
