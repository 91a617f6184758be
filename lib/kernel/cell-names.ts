/**
 * Names of earlier cells inside object literals and patterns. tslab rewrites each identifier that an earlier cell
 * declared, `train`, to `exports.train`; but not where it is shorthand, `{ train }`, and by mistake where it is no
 * variable at all but a property's name, `const { interval: ends } = ...` with a type of an earlier cell.
 * This transformer comes before tslab's: it writes shorthand out, and replaces names of properties by ones that
 * tslab's lookup does not know.
 */
import type * as TypeScript from "@tslab/typescript-for-tslab";

type Ts = typeof TypeScript;

/** @param isEarlier tells the file that declares the variables of earlier cells. */
export function keepPropertyNames(
  ts: Ts,
  checker: TypeScript.TypeChecker,
  isEarlier: (file: TypeScript.SourceFile) => boolean,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  const { factory } = ts;

  const ofEarlierCell = (node: TypeScript.ShorthandPropertyAssignment): boolean => {
    const parsed = ts.getParseTreeNode(node);
    const symbol = parsed && checker.getShorthandAssignmentValueSymbol(parsed);
    return symbol?.declarations?.some((declaration) => isEarlier(declaration.getSourceFile())) === true;
  };

  return (context) => {
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isShorthandPropertyAssignment(visited) && ofEarlierCell(visited)) {
        const { text } = visited.name;
        const variable = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), text);
        const initial = visited.objectAssignmentInitializer;
        const value = initial === undefined ? variable : factory.createAssignment(variable, initial);
        return factory.createPropertyAssignment(text, value);
      }
      if (ts.isPropertyAssignment(visited) && ts.isIdentifier(visited.name))
        return factory.updatePropertyAssignment(visited, fresh(visited.name), visited.initializer);
      if (ts.isBindingElement(visited) && visited.propertyName !== undefined && ts.isIdentifier(visited.propertyName)) {
        const { dotDotDotToken, propertyName, name, initializer } = visited;
        return factory.updateBindingElement(visited, dotDotDotToken, fresh(propertyName), name, initializer);
      }
      return visited;
    };
    const fresh = (name: TypeScript.Identifier): TypeScript.Identifier =>
      ts.setTextRange(factory.createIdentifier(name.text), name);
    return (file) => ts.visitEachChild(file, visit, context);
  };
}
