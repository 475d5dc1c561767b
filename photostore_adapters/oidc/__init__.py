"""The relying party of an OpenID Connect provider: discovery, the code flow, ID tokens and access tokens."""
