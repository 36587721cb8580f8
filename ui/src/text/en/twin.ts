/** A silence that holds already by the conditions of the one that is to be made. */
export const twin = {
  exists: (until: string | null, by: string, why: string) =>
    `An active silence with the same matchers exists${until === null ? '' : ` until ${until}`}${by && `, by ${by}`}${why && `: “${why}”`}. To let it end later, extend that one instead.`,
} as const;
