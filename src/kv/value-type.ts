/** A module and the name of one of its types. The characters are those that no declaration and no template could mistake. */
const VALUE_TYPE = /^[\w@~./-]+#[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** What is wrong with the name of a namespace's type of values. */
export function valueTypeProblem(value: string | undefined): string | undefined {
  if (value === undefined || VALUE_TYPE.test(value)) return undefined;
  return `value must be a module and a type of it, such as './src/types#Session', got '${value}'`;
}
