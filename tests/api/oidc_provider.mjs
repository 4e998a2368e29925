// A certified OpenID provider for the tests, with one client for each algorithm of the ID token.
// It reads {"port", "secret", "redirect", "algorithms"} from its one argument, and keeps all in memory.
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const { port, secret, redirect, algorithms } = JSON.parse(process.argv[2]);

const pair = (type, options, more) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }),
  use: "sig",
  ...more,
});

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: algorithms.map((alg) => ({
    client_id: `hub-${alg}`,
    client_secret: secret,
    redirect_uris: [redirect],
    id_token_signed_response_alg: alg,
  })),
  cookies: { keys: ["for tests"] },
  enabledJWA: { idTokenSigningAlgValues: algorithms },
  features: { devInteractions: { enabled: true } },
  jwks: {
    keys: [
      pair("rsa", { modulusLength: 2048 }, { kid: "rsa" }),
      pair("ec", { namedCurve: "P-256" }, { kid: "ec" }),
    ],
  },
  pkce: { methods: ["S256"], required: () => true },
});

provider.listen(port, "127.0.0.1");
