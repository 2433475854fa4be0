"""Keys for tests, as base64; nobody else uses them."""

PRIVATE = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
PUBLIC = "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw="  # of PRIVATE
OTHER_PRIVATE = "iGx8eh0fyrbiHFyzmoVvGi6l4sMI6hJMNZhMXVWUxX8="
GATEWAY = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
PRESHARED = "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE="
