//! Dear ImGui in an arena: context, layers, draw packet
