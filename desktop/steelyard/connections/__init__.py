"""Every connection this program makes: asked of policy's gate at every hop, with the site's proxy and
certificate authorities, and with failures that say whether trying again may help. Only the rooms that fetch
(`intake`, `catalog`, the remote engine) use it."""
