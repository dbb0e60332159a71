"""The core of the radiomics features: discretisation, matrices, and what is computed from them."""
