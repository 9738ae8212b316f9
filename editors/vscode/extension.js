// Starts `kg lsp` for YAML files of folders with a kg.toml; everything else is the server's.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  const command = workspace.getConfiguration("communique").get("command");
  client = new LanguageClient(
    "communique",
    "Communiqué",
    { command, args: ["lsp"] },
    { documentSelector: [{ scheme: "file", language: "yaml" }] },
  );
  await client.start();
};

exports.deactivate = () => client?.stop();
